/** What a person does in a class: speak, be seen, show, ask, leave. */
import { ChevronUp, Ellipsis, Hand, LogOut, Mic, MicOff, MonitorUp, Video, VideoOff } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Toolbar } from "react-aria-components/Toolbar";
import { useDeviceChoice } from "../device-choice.ts";
import { classes } from "../kit/classes.ts";
import { MenuButton, type MenuGroup } from "../kit/menu-button.tsx";
import { usePage, useRoom, useText } from "../page-context.ts";
import styles from "./control-bar.module.css";
import { Notices } from "./notices.tsx";
import { useCommands } from "./use-commands.ts";
import { useMoreGroups } from "./use-more-groups.tsx";

export function ControlBar() {
  const text = useText();
  const commands = useCommands();
  const more = useMoreGroups();
  return (
    <footer className={styles.foot}>
      <Notices />
      <Toolbar className={styles.bar ?? ""} aria-label={text("room.controls")}>
        <div className={styles.controls}>
          <MicControl />
          <CameraControl />
          <ShareControl />
          <HandControl />
          <MenuButton label={text("action.more")} className={styles.control ?? ""} groups={more}>
            <span className={styles.glyph}>
              <Ellipsis size={22} aria-hidden />
            </span>
            <span className={styles.word}>{text("action.more")}</span>
          </MenuButton>
        </div>
        <div className={styles.end}>
          <Button
            className={styles.leave ?? ""}
            aria-label={spokenName(text("control.leave"), text("control.leave_class"))}
            onPress={commands.leave}
          >
            <LogOut size={20} aria-hidden />
            <span className={styles.leaveWord}>{text("control.leave")}</span>
          </Button>
        </div>
      </Toolbar>
    </footer>
  );
}

function MicControl() {
  const text = useText();
  const commands = useCommands();
  const mic = useRoom((state) => state.mic);
  const talking = useRoom((state) => state.talking);
  const groups = [useDeviceGroup("mic"), useDeviceGroup("speaker")];
  const open = mic.on || talking;
  const listener = mic.problem !== "none" || !commands.canTalk;
  const word = listener
    ? "control.mic_listener"
    : talking
      ? "control.mic_talking"
      : mic.on
        ? "control.mic_on"
        : "control.mic_off";
  return (
    <div className={styles.split}>
      <Control
        look={listener ? "trouble" : talking ? "active" : open ? "on" : "off"}
        label={text(mic.on ? "control.mute" : "control.unmute")}
        word={text(word)}
        keys="M"
        disabled={!commands.canTalk}
        onPress={commands.toggleMic}
      >
        {open ? <Mic size={22} aria-hidden /> : <MicOff size={22} aria-hidden />}
      </Control>
      <MenuButton label={text("device.choose_mic")} className={styles.arrow ?? ""} groups={groups}>
        <ChevronUp size={16} aria-hidden />
      </MenuButton>
    </div>
  );
}

function CameraControl() {
  const text = useText();
  const commands = useCommands();
  const camera = useRoom((state) => state.camera);
  const groups = [useDeviceGroup("camera")];
  return (
    <div className={styles.split}>
      <Control
        look={camera.problem !== "none" ? "trouble" : camera.on ? "on" : "off"}
        label={text(camera.on ? "control.camera_stop" : "control.camera_start")}
        word={text(camera.on ? "control.camera_on" : "control.camera_off")}
        keys="V"
        disabled={!commands.canShow}
        onPress={commands.toggleCamera}
      >
        {camera.on ? <Video size={22} aria-hidden /> : <VideoOff size={22} aria-hidden />}
      </Control>
      <MenuButton label={text("device.choose_camera")} className={styles.arrow ?? ""} groups={groups}>
        <ChevronUp size={16} aria-hidden />
      </MenuButton>
    </div>
  );
}

function ShareControl() {
  const text = useText();
  const commands = useCommands();
  const on = useRoom((state) => state.screen.on);
  if (!commands.canShare) return null;
  return (
    <Control
      className={styles.share}
      look={on ? "active" : "on"}
      label={text(on ? "control.share_stop" : "control.share_start")}
      word={text(on ? "control.sharing" : "control.share")}
      keys="S"
      onPress={commands.toggleScreen}
    >
      <MonitorUp size={22} aria-hidden />
    </Control>
  );
}

function HandControl() {
  const text = useText();
  const commands = useCommands();
  if (!commands.canRaise) return null;
  return (
    <Control
      look={commands.handUp ? "raised" : "on"}
      label={text(commands.handUp ? "control.hand_lower" : "control.hand_raise")}
      word={text(commands.handUp ? "control.hand_up" : "control.hand")}
      keys="H"
      onPress={commands.toggleHand}
    >
      <Hand size={22} aria-hidden />
    </Control>
  );
}

interface ControlProps {
  readonly look: "on" | "off" | "active" | "raised" | "trouble";
  readonly label: string;
  /** Seen below the icon; the label says more to those who hear it. */
  readonly word: string;
  readonly keys: string;
  readonly disabled?: boolean;
  readonly className?: string | undefined;
  readonly onPress: () => void;
  readonly children: ReactNode;
}

function Control({ look, label, word, keys, disabled = false, className, onPress, children }: ControlProps) {
  return (
    <Button
      className={classes(styles.control, look !== "on" && styles[look], className)}
      aria-label={spokenName(word, label)}
      aria-keyshortcuts={keys}
      isDisabled={disabled}
      onPress={onPress}
    >
      <span className={styles.glyph}>{children}</span>
      <span className={styles.word}>{word}</span>
    </Button>
  );
}

/** Who steers by voice says the word that is seen, so the name must contain it (WCAG 2.2, 2.5.3). */
function spokenName(word: string, label: string): string {
  return label.toLocaleLowerCase().includes(word.toLocaleLowerCase()) ? label : `${word}: ${label}`;
}

function useDeviceGroup(kind: "mic" | "camera" | "speaker"): MenuGroup {
  const text = useText();
  const { actions } = usePage();
  const { choices, selected, select } = useDeviceChoice(kind);
  if (choices.length === 0)
    return {
      id: kind,
      title: text(`device.${kind}`),
      entries: [
        {
          id: `${kind}-retry`,
          label: text(kind === "speaker" ? "device.default" : "action.try_again"),
          run: () => {
            if (kind === "mic") actions.setMic(true);
            if (kind === "camera") actions.setCamera(true);
          },
        },
      ],
    };
  return {
    id: kind,
    title: text(`device.${kind}`),
    selected: selected && `${kind}-${selected}`,
    entries: choices.map((choice) => ({
      id: `${kind}-${choice.id}`,
      label: choice.label,
      run: () => select(choice.id),
    })),
  };
}
