/** What tutors do with pages: add, duplicate, move, remove, give another paper. */
import { ArrowDown, ArrowUp, Copy, FilePlus, Plus, Trash2, Undo2 } from "lucide-react";
import { pagesInOrder, removedPages } from "../../whiteboard/sync/board-changes.ts";
import type { BoardId, Page, PageNumber } from "../../whiteboard/sync/board-vocabulary.ts";
import { PAPERS } from "../../whiteboard/sync/board-vocabulary.ts";
import { Button } from "../kit/button.tsx";
import type { MenuEntry, MenuGroup } from "../kit/menu-button.tsx";
import styles from "./board.module.css";
import { say, useAsk, useBoard, useBoardParts } from "./board-context.ts";
import { placeAfterMove } from "./current-page.ts";
import { chooseFile, SLIDE_KINDS } from "./save-blob.ts";

/** After the page that is looked at; on a board without pages, the first. */
export function useAddPages(page: Page | null) {
  const { face, view, words } = useBoardParts();
  const ask = useAsk();
  const board = async (): Promise<BoardId | null> => {
    if (page) return page.board;
    const [first] = face.store.getState().boards.keys();
    if (first) return first;
    const made = await ask({ type: "board_add", title: words("boards.untitled", { number: 1 }) });
    return typeof made?.board === "string" ? (made.board as BoardId) : null;
  };
  const after = page ? (page.copy_of ?? page.number) : null;
  return {
    addPage: async () => {
      const on = await board();
      if (!on) return;
      const made = await ask({
        type: "page_add",
        board: on,
        ...(after !== null && { after }),
        ...(page && !page.slide && { paper: page.paper }),
      });
      if (typeof made?.page === "number") view.setState({ looking: made.page as PageNumber });
    },
    addSlides: async () => {
      const file = await chooseFile(SLIDE_KINDS);
      const on = file && (await board());
      if (file && on) face.addSlides(file, on, after);
    },
  };
}

export function AddPages() {
  const { words } = useBoardParts();
  const { addPage, addSlides } = useAddPages(null);
  return (
    <div className={styles.actions}>
      <Button look="primary" onPress={() => void addPage()}>
        <Plus size={18} aria-hidden />
        {words("page.add")}
      </Button>
      <Button onPress={() => void addSlides()}>
        <FilePlus size={18} aria-hidden />
        {words("page.add_slides")}
      </Button>
    </div>
  );
}

export function usePageGroups(page: Page): readonly MenuGroup[] {
  const { view, words } = useBoardParts();
  const ask = useAsk();
  const pages = useBoard((state) => state.pages);
  const { addPage, addSlides } = useAddPages(page);
  const ordered = pagesInOrder({ pages }, page.board);
  const moved = (by: -1 | 1) => {
    const after = placeAfterMove(ordered, page.number, by);
    return after === null ? null : () => void ask({ type: "page_move", page: page.number, after });
  };
  const up = moved(-1);
  const down = moved(1);
  const removed = removedPages({ pages }, page.board);
  const remove = () =>
    void ask({ type: "page_remove", pages: [page.number] }).then((done) => {
      if (!done) return;
      view.setState({ looking: null });
      say(view, words("page.removed"));
    });
  const entries: (MenuEntry | false | null)[] = [
    { id: "add", label: words("page.add"), icon: <Plus size={18} aria-hidden />, run: () => void addPage() },
    {
      id: "slides",
      label: words("page.add_slides"),
      icon: <FilePlus size={18} aria-hidden />,
      run: () => void addSlides(),
    },
    {
      id: "copy",
      label: words("page.duplicate"),
      icon: <Copy size={18} aria-hidden />,
      run: () => void ask({ type: "page_copy", page: page.number }),
    },
    up && { id: "up", label: words("page.move_up"), icon: <ArrowUp size={18} aria-hidden />, run: up },
    down && {
      id: "down",
      label: words("page.move_down"),
      icon: <ArrowDown size={18} aria-hidden />,
      run: down,
    },
    {
      id: "remove",
      label: words("page.remove"),
      icon: <Trash2 size={18} aria-hidden />,
      danger: true,
      run: remove,
    },
    removed.length > 0 && {
      id: "restore",
      label: words("page.restore"),
      icon: <Undo2 size={18} aria-hidden />,
      run: () => view.setState({ dialog: { name: "restore", board: page.board } }),
    },
  ];
  const paper: MenuGroup = {
    id: "paper",
    title: words("page.paper"),
    selected: `paper-${page.paper}`,
    entries: PAPERS.map((one) => ({
      id: `paper-${one}`,
      label: words(`paper.${one}`),
      run: () => void ask({ type: "page_change", page: page.number, paper: one }),
    })),
  };
  return [
    { id: "page", entries: entries.filter((entry) => entry !== false && entry !== null) },
    ...(page.slide ? [] : [paper]),
  ];
}
