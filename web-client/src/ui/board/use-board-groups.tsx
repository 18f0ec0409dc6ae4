/** The boards of the room as a menu: choose one, and for tutors make, rename, remove. */
import { Pencil, Plus, Trash2 } from "lucide-react";
import { boardsInOrder, pagesInOrder } from "../../whiteboard/sync/board-changes.ts";
import type { BoardId, Page } from "../../whiteboard/sync/board-vocabulary.ts";
import type { MenuEntry, MenuGroup } from "../kit/menu-button.tsx";
import { useAsk, useBoard, useBoardParts, useManages } from "./board-context.ts";

export function useBoardGroups(page: Page | null): readonly MenuGroup[] {
  const { view, face, words } = useBoardParts();
  const ask = useAsk();
  const manages = useManages();
  const boards = useBoard((state) => state.boards);
  const ordered = boardsInOrder({ boards });
  const choose = (board: BoardId) => {
    const first = pagesInOrder(face.store.getState(), board)[0];
    if (first) view.setState({ looking: first.number, panel: null });
  };
  const choice: MenuGroup = {
    id: "boards",
    title: words("boards.choose"),
    selected: page ? `board-${page.board}` : null,
    entries: ordered.map((board, index) => ({
      id: `board-${board.id}`,
      label: board.title || words("boards.untitled", { number: index + 1 }),
      run: () => choose(board.id),
    })),
  };
  if (!manages) return ordered.length > 1 ? [choice] : [];
  const entries: MenuEntry[] = [
    {
      id: "add",
      label: words("boards.add"),
      icon: <Plus size={18} aria-hidden />,
      run: () =>
        void ask({ type: "board_add", title: words("boards.untitled", { number: ordered.length + 1 }) }).then(
          async (done) => {
            const board = done?.board;
            if (typeof board !== "string") return;
            const made = await ask({ type: "page_add", board: board as BoardId });
            if (typeof made?.page === "number") view.setState({ looking: made.page as Page["number"] });
          },
        ),
    },
  ];
  if (page)
    entries.push(
      {
        id: "rename",
        label: words("boards.rename"),
        icon: <Pencil size={18} aria-hidden />,
        run: () => view.setState({ dialog: { name: "rename_board", board: page.board } }),
      },
      {
        id: "remove",
        label: words("boards.remove"),
        icon: <Trash2 size={18} aria-hidden />,
        danger: true,
        run: () => view.setState({ dialog: { name: "remove_board", board: page.board } }),
      },
    );
  return [choice, { id: "change", entries }];
}
