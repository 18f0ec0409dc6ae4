/** How near the page is; a phone has its fingers for it, and everybody the menu. */
import { Maximize, Minus, Plus } from "lucide-react";
import { Button } from "react-aria-components/Button";
import { useBoardView, useWords } from "./board-context.ts";
import styles from "./toolbar.module.css";

export const ZOOM_STEP = 1.25;

export function ZoomControls() {
  const words = useWords();
  const engine = useBoardView((view) => view.engine);
  const zoom = useBoardView((view) => view.tools?.zoom ?? 1);
  const fitted = useBoardView((view) => view.tools?.fitted ?? true);
  return (
    <fieldset className={styles.zoom} aria-label={words("zoom.group")}>
      <Button
        className={styles.tool ?? ""}
        aria-label={words("zoom.out")}
        onPress={() => engine?.zoomBy(1 / ZOOM_STEP)}
      >
        <Minus size={18} aria-hidden />
      </Button>
      <span className={styles.percent}>{words("zoom.now", { percent: Math.round(zoom * 100) })}</span>
      <Button
        className={styles.tool ?? ""}
        aria-label={words("zoom.in")}
        onPress={() => engine?.zoomBy(ZOOM_STEP)}
      >
        <Plus size={18} aria-hidden />
      </Button>
      <Button
        className={styles.tool ?? ""}
        aria-label={words("zoom.fit")}
        isDisabled={fitted}
        onPress={() => engine?.zoomToFit()}
      >
        <Maximize size={18} aria-hidden />
      </Button>
    </fieldset>
  );
}
