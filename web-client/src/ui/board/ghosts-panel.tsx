/** Refused changes, each with its reason: offered again, or discarded. */
import { Button } from "../kit/button.tsx";
import { useBoard, useBoardParts } from "./board-context.ts";
import styles from "./side-panel.module.css";
import { SidePanel } from "./side-panel.tsx";

export function GhostsPanel() {
  const { face, view, words } = useBoardParts();
  const ghosts = useBoard((state) => state.ghosts);
  const close = () => view.setState({ panel: null });
  return (
    <SidePanel title={words("ghosts.title")} onClose={close}>
      <p className={styles.body}>{words("ghosts.body")}</p>
      <ul>
        {ghosts.map((ghost) => (
          <li key={ghost.id} className={styles.ghost}>
            <span className={styles.what}>
              {words("ghosts.item", { count: ghost.changes.length, page: ghost.page })}
            </span>
            <span className={styles.about}>{words(`ghosts.why_${ghost.code}`)}</span>
            <div className={styles.actions}>
              <Button onPress={() => face.offerGhost(ghost.id)}>{words("ghosts.offer")}</Button>
              <Button look="quiet" onPress={() => face.dropGhost(ghost.id)}>
                {words("ghosts.discard")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {ghosts.length > 1 && (
        <Button
          look="quiet"
          onPress={() => {
            for (const { id } of ghosts) face.dropGhost(id);
            close();
          }}
        >
          {words("ghosts.discard_all")}
        </Button>
      )}
    </SidePanel>
  );
}
