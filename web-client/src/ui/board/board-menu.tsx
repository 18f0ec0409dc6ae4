/** What the board's bar has no place for: rights, private copies, saving, the list of shapes. */
import {
  Copy,
  Download,
  Ellipsis,
  FileInput,
  List,
  LockKeyhole,
  MapPinOff,
  Maximize,
  Save,
  Users,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import type { Page } from "../../whiteboard/sync/board-vocabulary.ts";
import { MenuButton, type MenuEntry, type MenuGroup } from "../kit/menu-button.tsx";
import { useNarrow } from "../room/use-narrow.ts";
import styles from "./board-bar.module.css";
import { say, useAsk, useBoard, useBoardParts, useBoardView, useManages } from "./board-context.ts";
import { usePageGroups } from "./page-menu.tsx";
import { chooseFile, saveBlob } from "./save-blob.ts";
import { usePresenter } from "./use-presenter.ts";
import { ZOOM_STEP } from "./zoom-controls.tsx";

export function BoardMenu({ page }: { readonly page: Page | null }) {
  return page ? <MenuOf page={page} /> : null;
}

function MenuOf({ page }: { readonly page: Page }) {
  const { words } = useBoardParts();
  const manages = useManages();
  const narrow = useNarrow();
  const tutor = useTutorGroup(page);
  const look = useLookGroup(page);
  const files = useFileGroup(page);
  const pages = usePageGroups(page);
  const groups = [
    look,
    ...(manages ? [tutor] : []),
    // On a phone the page strip is not at hand.
    ...(manages && narrow && page.copy_of === null ? pages : []),
    files,
  ];
  return (
    <MenuButton label={words("tool.more")} className={styles.button ?? ""} groups={groups}>
      <Ellipsis size={20} aria-hidden />
    </MenuButton>
  );
}

function useLookGroup(page: Page): MenuGroup {
  const { view, words } = useBoardParts();
  const engine = useBoardView((state) => state.engine);
  const following = useBoardView((state) => state.tools?.following ?? false);
  const presenter = usePresenter(page);
  const entries: MenuEntry[] = [
    {
      id: "shapes",
      label: words("shapes.open"),
      icon: <List size={18} aria-hidden />,
      run: () => view.setState({ panel: "shapes" }),
    },
  ];
  // Narrow stages have no room for the zoom beside the tools.
  if (engine)
    entries.push(
      {
        id: "zoom_in",
        label: words("zoom.in"),
        icon: <ZoomIn size={18} aria-hidden />,
        run: () => engine.zoomBy(ZOOM_STEP),
      },
      {
        id: "zoom_out",
        label: words("zoom.out"),
        icon: <ZoomOut size={18} aria-hidden />,
        run: () => engine.zoomBy(1 / ZOOM_STEP),
      },
      {
        id: "fit",
        label: words("zoom.fit"),
        icon: <Maximize size={18} aria-hidden />,
        run: () => engine.zoomToFit(),
      },
    );
  if (engine && presenter !== null && !following)
    entries.push({ id: "follow", label: words("turn.follow_view"), run: () => engine.follow(presenter) });
  return { id: "look", entries };
}

function useTutorGroup(page: Page): MenuGroup {
  const { view, words } = useBoardParts();
  const ask = useAsk();
  const led = useBoard((state) => state.turn.page !== null);
  const origin = page.copy_of ?? page.number;
  const handedOut = useBoard((state) => state.pages.get(origin)?.handed_out ?? false);
  const copies = useBoard((state) => [...state.pages.values()].some(({ copy_of }) => copy_of === origin));
  const entries: (MenuEntry | false)[] = [
    {
      id: "rights",
      label: words("rights.open"),
      icon: <LockKeyhole size={18} aria-hidden />,
      run: () => view.setState({ dialog: { name: "rights" } }),
    },
    {
      id: "hand_out",
      label: words(handedOut ? "copies.collect" : "copies.hand_out"),
      icon: <Copy size={18} aria-hidden />,
      run: () => void ask({ type: handedOut ? "collect" : "hand_out", page: origin }),
    },
    copies && {
      id: "wall",
      label: words("copies.wall"),
      icon: <Users size={18} aria-hidden />,
      run: () => view.setState({ panel: "copies" }),
    },
    led && {
      id: "turn_end",
      label: words("turn.end"),
      icon: <MapPinOff size={18} aria-hidden />,
      run: () => void ask({ type: "turn", page: null }),
    },
  ];
  return { id: "tutor", entries: entries.filter((entry) => entry !== false) };
}

function useFileGroup(page: Page): MenuGroup {
  const { face, view, words } = useBoardParts();
  const ask = useAsk();
  const manages = useManages();
  const saveAtEnd = useBoard((state) => state.saveAtEnd);
  const tutor = useBoard((state) => state.you?.role === "tutor");
  const board = useBoard((state) => state.boards.get(page.board)?.title);
  const name = `${board || words("board.name")} ${page.number}`;
  const save = (made: Promise<Blob | null>, file: string) =>
    void made.then((blob) => (blob ? saveBlob(blob, file) : say(view, words("export.failed"))));
  const icon = <Download size={18} aria-hidden />;
  const entries: (MenuEntry | false)[] = [
    {
      id: "png",
      label: words("export.page_png"),
      icon,
      run: () => save(face.exportPage(page.number, "png"), `${name}.png`),
    },
    {
      id: "pdf",
      label: words("export.page_pdf"),
      icon,
      run: () => save(face.exportPage(page.number, "pdf"), `${name}.pdf`),
    },
    {
      id: "board_pdf",
      label: words("export.board_pdf"),
      icon,
      run: () => save(face.exportBoard(page.board, "pdf"), `${board || words("board.name")}.pdf`),
    },
    {
      id: "board_zip",
      label: words("export.board_zip"),
      icon,
      run: () => save(face.exportBoard(page.board, "zip"), `${board || words("board.name")}.zip`),
    },
    {
      id: "excalidraw",
      label: words("export.excalidraw"),
      icon,
      run: () =>
        void view
          .getState()
          .engine?.exportFile()
          .then((text) => saveBlob(new Blob([text], { type: "application/json" }), `${name}.excalidraw`))
          .catch(() => say(view, words("export.failed"))),
    },
    page.right !== "none" && {
      id: "import",
      label: words("export.import"),
      icon: <FileInput size={18} aria-hidden />,
      run: () =>
        void chooseFile(".excalidraw,application/json").then(async (file) => {
          if (!file) return;
          const engine = view.getState().engine;
          const count = (await engine?.importFile(await file.text()).catch(() => 0)) ?? 0;
          say(view, words(count > 0 ? "say.pasted" : "say.ask_failed"));
        }),
    },
    manages && {
      id: "save",
      label: words("export.save"),
      icon: <Save size={18} aria-hidden />,
      run: () =>
        void face
          .saveBoard(page.board)
          .then((file) =>
            say(view, file === null ? words("export.failed") : words("export.saved", { name: file })),
          ),
    },
    tutor && {
      id: "at_end",
      label: `${saveAtEnd ? "✓ " : ""}${words("export.at_end")}`,
      icon: <Save size={18} aria-hidden />,
      run: () => void ask({ type: "settings", save_at_end: !saveAtEnd }),
    },
  ];
  return { id: "files", title: words("export.title"), entries: entries.filter((entry) => entry !== false) };
}
