/** Pages of a board that were removed: each can be restored. */

import { removedPages } from "../../whiteboard/sync/board-changes.ts";
import type { BoardId, Page, PageNumber } from "../../whiteboard/sync/board-vocabulary.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { useAsk, useBoard, useBoardParts } from "./board-context.ts";
import styles from "./rights-dialog.module.css";

export interface RestoreDialogProps {
  readonly board: BoardId;
  readonly onClose: () => void;
}

export function RestoreDialog({ board, onClose }: RestoreDialogProps) {
  const { view, words } = useBoardParts();
  const ask = useAsk();
  const pages = useBoard((state) => state.pages);
  const removed = removedPages({ pages }, board);
  const restore = (page: PageNumber) =>
    void ask({ type: "page_restore", pages: [page] }).then((done) => {
      if (done) view.setState({ looking: page });
    });
  return (
    <Dialog title={words("restore.title")} onClose={onClose}>
      <div className={styles.parts}>
        <p className={styles.hint}>{words(removed.length > 0 ? "restore.body" : "restore.empty")}</p>
        <ul className={styles.rules}>
          {removed.map((page) => (
            <Removed key={page.number} page={page} onRestore={() => restore(page.number)} />
          ))}
        </ul>
        <div className={styles.end}>
          <Button look="primary" onPress={onClose}>
            {words("rights.done")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Removed({ page, onRestore }: { readonly page: Page; readonly onRestore: () => void }) {
  const { words } = useBoardParts();
  const slide = page.slide ? words("restore.slide", { page: page.slide.page }) : "";
  const name = page.title || slide || words("restore.untitled");
  const count = words("restore.shapes", { count: page.shapes });
  return (
    <li className={styles.rule}>
      <span className={styles.removed}>
        <strong className={styles.groupName} dir="auto">
          {name}
        </strong>
        <span className={styles.hint}>{page.title && slide ? `${slide} · ${count}` : count}</span>
      </span>
      {/* Begins with what is seen, in every language (WCAG 2.5.3). */}
      <Button onPress={onRestore} aria-label={`${words("restore.do")}: ${name}, ${count}`}>
        {words("restore.do")}
      </Button>
    </li>
  );
}
