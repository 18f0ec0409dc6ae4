/** What the board has to say once: shown for some seconds, read out at once. */
import { useEffect } from "react";
import styles from "./board.module.css";
import { useBoardParts, useBoardView } from "./board-context.ts";

const SHOWN_MS = 5_000;

export function BoardNote() {
  const { view } = useBoardParts();
  const note = useBoardView((state) => state.note);
  const id = note?.id;
  useEffect(() => {
    if (id === undefined) return;
    const timer = setTimeout(() => view.setState({ note: null }), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [view, id]);
  return (
    <div role="status" className={styles.noteRegion}>
      {note && (
        <p key={note.id} className={styles.note}>
          {note.words}
        </p>
      )}
    </div>
  );
}
