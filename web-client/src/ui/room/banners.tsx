/** What holds for a while and needs no answer: lost link, weak link, closed microphone, shared screen. */
import { MicOff, Monitor, TriangleAlert, VolumeX, WifiOff } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { classes } from "../kit/classes.ts";
import { useActions, useRoom, useText } from "../page-context.ts";
import styles from "./banners.module.css";

export interface BannersProps {
  /** The browser refuses to play until the person clicks. */
  readonly soundBlocked: boolean;
  readonly onSoundOn: () => void;
}

export function Banners({ soundBlocked, onSoundOn }: BannersProps) {
  const text = useText();
  const actions = useActions();
  const phase = useRoom((state) => state.phase);
  const mic = useRoom((state) => state.mic.problem);
  const sharing = useRoom((state) => state.screen.on);
  const quality = useRoom((state) =>
    state.me.participant ? state.participants.get(state.me.participant)?.quality : undefined,
  );
  const away = phase.name === "reconnecting";
  return (
    <div role="status">
      {phase.name === "reconnecting" && (
        <Banner
          look="urgent"
          icon={<WifiOff size={20} aria-hidden />}
          words={
            phase.reason === "server_restart"
              ? text("banner.server_restart")
              : text("banner.reconnecting", { attempt: phase.attempt })
          }
          action={{ label: text("action.try_now"), run: () => actions.retryNow() }}
        />
      )}
      {soundBlocked && (
        <Banner
          look="urgent"
          icon={<VolumeX size={20} aria-hidden />}
          words={text("banner.sound_blocked")}
          action={{ label: text("banner.sound_on"), run: onSoundOn }}
        />
      )}
      {!away && (quality === "poor" || quality === "lost") && (
        <Banner
          look="warn"
          icon={<TriangleAlert size={20} aria-hidden />}
          words={text(quality === "poor" ? "banner.weak" : "banner.lost")}
        />
      )}
      {mic !== "none" && (
        <Banner
          look="warn"
          icon={<MicOff size={20} aria-hidden />}
          words={text("banner.listener", { reason: text(`problem.${mic}_mic`) })}
          action={{ label: text("action.try_again"), run: () => actions.setMic(true) }}
        />
      )}
      {sharing && (
        <Banner
          look="info"
          icon={<Monitor size={20} aria-hidden />}
          words={text("tile.your_screen")}
          action={{ label: text("control.share_stop"), run: () => actions.setScreen(false) }}
        />
      )}
    </div>
  );
}

interface BannerProps {
  readonly look: "urgent" | "warn" | "info";
  readonly icon: ReactNode;
  readonly words: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

function Banner({ look, icon, words, action }: BannerProps) {
  return (
    <div className={classes(styles.banner, look !== "warn" && styles[look])}>
      {icon}
      <p className={styles.words}>{words}</p>
      {action && (
        <Button className={styles.action ?? ""} onPress={action.run}>
          {action.label}
        </Button>
      )}
    </div>
  );
}
