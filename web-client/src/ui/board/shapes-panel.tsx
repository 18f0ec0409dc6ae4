/** Everything on the page as a list: for screen readers, and for whoever looks for something. */
import { useEffect, useState } from "react";
import { Button as Plain } from "react-aria-components/Button";
import type { ShapeEntry } from "../../whiteboard/a11y/shape-list.ts";
import { useBoardParts, useBoardView, useCurrentPage } from "./board-context.ts";
import { whatOf, whereOf } from "./shape-words.ts";
import styles from "./side-panel.module.css";
import { SidePanel } from "./side-panel.tsx";

export function ShapesPanel() {
  const { view, words } = useBoardParts();
  const engine = useBoardView((state) => state.engine);
  const entries = useEntries();
  return (
    <SidePanel title={words("shapes.title")} onClose={() => view.setState({ panel: null })}>
      {entries.length === 0 ? (
        <p className={styles.empty}>{words("shapes.empty")}</p>
      ) : (
        <ul>
          {entries.map((entry) => (
            <li key={entry.id}>
              <Plain className={styles.row ?? ""} onPress={() => engine?.show(entry.id)}>
                <span className={styles.what} dir="auto">
                  {whatOf(words, entry)}
                </span>
                <span className={styles.about}>
                  {[
                    whereOf(words, entry),
                    entry.mine
                      ? words("shapes.by_you")
                      : entry.author && words("shapes.by", { name: entry.author }),
                    entry.ghost !== null && words("shapes.refused"),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </Plain>
            </li>
          ))}
        </ul>
      )}
    </SidePanel>
  );
}

/** A storm of strokes must not become a storm of lists. */
const CALM_MS = 500;

function useEntries(): readonly ShapeEntry[] {
  const { face } = useBoardParts();
  const engine = useBoardView((state) => state.engine);
  const page = useCurrentPage()?.number;
  const [entries, setEntries] = useState<readonly ShapeEntry[]>([]);
  useEffect(() => {
    if (!engine || page === undefined) return;
    const held = face.hold(page);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      timer = undefined;
      setEntries(engine.entries());
    };
    const stop = held.model.subscribe(() => {
      timer ??= setTimeout(read, CALM_MS);
    });
    read();
    return () => {
      stop();
      clearTimeout(timer);
      held.release();
    };
  }, [engine, face, page]);
  return entries;
}
