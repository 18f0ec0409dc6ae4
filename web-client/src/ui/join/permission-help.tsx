/** When a device stays closed: why, what to press in this browser, and how to go on without it. */
import { TriangleAlert } from "lucide-react";
import type { DeviceProblem } from "../../state/room-state.ts";
import type { TextKey } from "../i18n/messages.ts";
import { Button } from "../kit/button.tsx";
import { usePage, useRoom, useText } from "../page-context.ts";
import { browserKind, isFramed } from "./browser.ts";
import styles from "./permission-help.module.css";

export function PermissionHelp() {
  const { actions, preferences } = usePage();
  const text = useText();
  const mic = useRoom((state) => state.mic);
  const camera = useRoom((state) => state.camera);
  const problem = mic.problem !== "none" ? mic.problem : camera.problem;
  if (mic.starting || camera.starting || problem === "none") return null;
  // A missing camera is said in the preview already and needs no help.
  if (mic.problem === "none" && problem === "missing") return null;
  const blocked = problem === "denied" || problem === "dismissed";
  return (
    <section className={styles.help} role="alert">
      <span className={styles.icon}>
        <TriangleAlert size={20} aria-hidden />
      </span>
      <div className={styles.words}>
        <h2 className={styles.title}>
          {blocked
            ? text("permission.blocked_title")
            : text(mic.problem !== "none" ? "device.mic" : "device.camera")}
        </h2>
        {mic.problem !== "none" && (
          <p>{text("join.listener", { reason: text(`problem.${mic.problem}_mic`) })}</p>
        )}
        <p className={styles.body}>{text(remedy(problem))}</p>
        {blocked && isFramed() && <p className={styles.body}>{text("permission.framed")}</p>}
        <span className={styles.action}>
          <Button
            onPress={() => {
              const { mic: wantsMic, camera: wantsCamera } = preferences.getState();
              actions.startPreview({ mic: wantsMic, camera: wantsCamera });
            }}
          >
            {text("action.try_again")}
          </Button>
        </span>
      </div>
    </section>
  );
}

function remedy(problem: Exclude<DeviceProblem, "none">): TextKey {
  if (problem === "missing") return "permission.missing";
  if (problem === "busy" || problem === "failed") return "permission.busy";
  return `permission.${browserKind(navigator.userAgent, navigator.maxTouchPoints)}`;
}
