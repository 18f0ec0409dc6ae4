/** The own camera as in a mirror, with the two buttons that decide how one comes in. */
import { Mic, MicOff, Video as VideoIcon, VideoOff } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { usePage, useRoom, useText } from "../page-context.ts";
import { Video } from "../stage/video.tsx";
import styles from "./preview.module.css";

export function Preview() {
  const { actions, preferences } = usePage();
  const text = useText();
  const mic = useRoom((state) => state.mic);
  const camera = useRoom((state) => state.camera);
  const joinsMuted = useRoom((state) => state.me.joinsMuted);
  return (
    <div className={styles.card}>
      <Picture />
      <div className={styles.controls}>
        <Toggle
          on={mic.on}
          disabled={joinsMuted}
          label={text(mic.on ? "join.mic_off" : "join.mic_on")}
          onPress={() => {
            preferences.setState({ mic: !mic.on });
            actions.setMic(!mic.on);
          }}
        >
          {mic.on ? <Mic size={24} aria-hidden /> : <MicOff size={24} aria-hidden />}
        </Toggle>
        <Toggle
          on={camera.on}
          label={text(camera.on ? "join.camera_off" : "join.camera_on")}
          onPress={() => {
            preferences.setState({ camera: !camera.on });
            actions.setCamera(!camera.on);
          }}
        >
          {camera.on ? <VideoIcon size={24} aria-hidden /> : <VideoOff size={24} aria-hidden />}
        </Toggle>
      </div>
    </div>
  );
}

function Picture() {
  const text = useText();
  const camera = useRoom((state) => state.camera);
  if (camera.on && camera.stream)
    return <Video stream={camera.stream} className={styles.video ?? ""} label={text("join.preview")} />;
  if (camera.starting)
    return (
      <div className={styles.message}>
        <VideoIcon size={32} aria-hidden />
        <p className={styles.strong}>{text("permission.ask_title")}</p>
        <p>{text("permission.ask_body")}</p>
      </div>
    );
  return (
    <div className={styles.message}>
      <VideoOff size={32} aria-hidden />
      <p>
        {camera.problem === "missing"
          ? text("join.camera_missing")
          : camera.problem === "none"
            ? text("join.camera_is_off")
            : text(`problem.${camera.problem}_camera`)}
      </p>
    </div>
  );
}

interface ToggleProps {
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly label: string;
  readonly onPress: () => void;
  readonly children: ReactNode;
}

/** A plain button whose label says what a press does: "pressed" beside it would say it twice. */
function Toggle({ on, disabled = false, label, onPress, children }: ToggleProps) {
  return (
    <Button
      className={styles.toggle ?? ""}
      aria-label={label}
      data-off={!on}
      isDisabled={disabled}
      onPress={onPress}
    >
      {children}
    </Button>
  );
}
