/** Shows that the microphone hears: a bar for the eye, one sentence for everybody. */
import { Mic, MicOff } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useActions, useRoom, useText } from "../page-context.ts";
import styles from "./preview.module.css";

/** Speech at arm's length reaches this; a quiet office stays below. */
const HEARD = 0.12;

export function MicMeter() {
  const actions = useActions();
  const text = useText();
  const mic = useRoom((state) => state.mic);
  const running = mic.on && mic.stream !== null;
  const bar = useRef<HTMLDivElement>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    if (!running) return;
    return actions.onMicLevel((level) => {
      bar.current?.style.setProperty("transform", `scaleX(${Math.min(1, Math.max(0, level))})`);
      if (level > HEARD) setHeard(true);
    });
  }, [actions, running]);
  if (mic.problem !== "none" || mic.starting) return null;
  return (
    <div className={styles.meter}>
      {running ? <Mic size={18} aria-hidden /> : <MicOff size={18} aria-hidden />}
      {running && (
        <div className={styles.track} aria-hidden="true">
          <div ref={bar} className={styles.level} />
        </div>
      )}
      <span role="status">
        {text(running ? (heard ? "join.mic_heard" : "join.mic_speak") : "join.mic_is_off")}
      </span>
    </div>
  );
}
