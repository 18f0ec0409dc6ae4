/** One person's camera or one shared screen, with everything that must be known about it at a glance. */
import { Hand, LoaderCircle, MicOff, Monitor, VideoOff, Volume2 } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "react-aria-components/Button";
import type { Participant } from "../../protocol/vocabulary.ts";
import { type PictureSource, pictureKey } from "../../state/room-state.ts";
import { Avatar } from "../kit/avatar.tsx";
import { classes } from "../kit/classes.ts";
import { Hidden } from "../kit/hidden.tsx";
import { QualitySign } from "../kit/quality-sign.tsx";
import { useRoom, useText } from "../page-context.ts";
import { personHue } from "../person-colour.ts";
import styles from "./tile.module.css";
import { Video } from "./video.tsx";
import type { ViewReporter } from "./view-reporter.ts";

export interface TileProps {
  readonly person: Participant;
  readonly source: PictureSource;
  /** Place in the queue of hands; undefined while the hand is down. */
  readonly hand: number | undefined;
  /** Smaller is more important for the server's choice of layers. */
  readonly rank: number;
  readonly onStage: boolean;
  readonly reporter: ViewReporter;
  readonly onPick: () => void;
}

export function Tile({ person, source, hand, rank, onStage, reporter, onPick }: TileProps) {
  const text = useText();
  const isMe = useRoom((state) => state.me.participant === person.id);
  const speaking = useRoom((state) => state.speaking.includes(person.id));
  const root = useViewReport(person, source, isMe, rank, reporter);
  const shownName = isMe ? text("tile.you_named", { name: person.name }) : person.name;
  const title = source === "screen" ? text("tile.screen_of", { name: person.name }) : shownName;
  return (
    <div
      ref={root}
      className={classes(
        styles.tile,
        onStage && styles.onStage,
        source === "camera" && speaking && styles.speaking,
      )}
      style={{ "--person-hue": personHue(person.id) } as React.CSSProperties}
      data-tile={pictureKey(source, person.id)}
    >
      <Picture person={person} source={source} isMe={isMe} onStage={onStage} title={title} />
      <div className={styles.top}>
        {source === "camera" && hand !== undefined && (
          <span className={styles.hand}>
            <Hand size={14} aria-hidden />
            <span aria-hidden="true">{hand}</span>
            <Hidden>{text("tile.hand", { number: hand })}</Hidden>
          </span>
        )}
        {(person.quality === "poor" || person.quality === "lost") && person.connection === "connected" && (
          <span className={styles.link}>
            <QualitySign quality={person.quality} size={16} words="always" />
          </span>
        )}
      </div>
      <div className={styles.bottom}>
        <span
          className={classes(styles.label, onStage && source === "screen" && styles.passing)}
          title={title}
        >
          <MicSign person={person} source={source} speaking={speaking} />
          <span className={styles.name} dir="auto">
            {source === "screen" || !isMe ? title : text("tile.you")}
          </span>
          {source === "camera" && person.role !== "officer" && person.role !== "observer" && (
            <span className={styles.role}>{text(`role.${person.role}`)}</span>
          )}
        </span>
      </div>
      <Button
        className={styles.pick ?? ""}
        aria-label={onStage ? text("tile.unfocus") : text("tile.focus", { name: title })}
        onPress={onPick}
      />
    </div>
  );
}

interface PictureProps {
  readonly person: Participant;
  readonly source: PictureSource;
  readonly isMe: boolean;
  readonly onStage: boolean;
  readonly title: string;
}

function Picture({ person, source, isMe, onStage, title }: PictureProps) {
  const text = useText();
  const own = useRoom((state) => (isMe ? state[source].stream : null));
  const picture = useRoom((state) => state.pictures.get(pictureKey(source, person.id)));
  const wanted = source === "screen" || person.camera;
  const stream = wanted ? (own ?? picture?.stream ?? null) : null;
  const gone = person.connection === "reconnecting";
  const paused = picture?.state === "paused" && !isMe;
  const waiting = wanted && !stream && !gone && !paused;
  return (
    <>
      {stream ? (
        <Video
          stream={stream}
          label={title}
          className={classes(
            styles.video,
            (source === "screen" || (onStage && !isMe)) && styles.whole,
            source === "camera" && isMe && styles.mirrored,
            (paused || gone) && styles.dimmed,
          )}
        />
      ) : source === "screen" ? (
        <div className={styles.ground}>
          <Monitor size={40} aria-hidden />
        </div>
      ) : (
        <div className={classes(styles.ground, (waiting || gone || paused) && styles.faint)}>
          <Avatar id={person.id} name={person.name} />
        </div>
      )}
      {waiting && <div className={styles.skeleton} aria-hidden="true" />}
      {gone ? (
        <State
          avatar={!stream}
          icon={<LoaderCircle size={16} aria-hidden />}
          words={text("tile.reconnecting")}
        />
      ) : paused ? (
        <State avatar={!stream} icon={<VideoOff size={16} aria-hidden />} words={text("tile.paused")} />
      ) : (
        waiting && <State avatar words={text("tile.waiting")} />
      )}
    </>
  );
}

interface StateProps {
  /** There is an avatar in the middle: the words stand below it. */
  readonly avatar: boolean;
  readonly icon?: ReactNode;
  readonly words: string;
}

function State({ avatar, icon, words }: StateProps) {
  return (
    <p className={classes(styles.state, avatar && styles.belowAvatar)}>
      {icon}
      {words}
    </p>
  );
}

function MicSign({
  person,
  source,
  speaking,
}: {
  readonly person: Participant;
  readonly source: PictureSource;
  readonly speaking: boolean;
}) {
  const text = useText();
  if (source === "screen") return <Monitor size={15} aria-hidden />;
  if (!person.mic)
    return (
      <span className={styles.muted}>
        <MicOff size={15} aria-hidden />
        <Hidden>{text("tile.mic_off")}</Hidden>
      </span>
    );
  if (!speaking) return null;
  return (
    <span className={styles.talks}>
      <Volume2 size={15} aria-hidden />
      <Hidden>{text("tile.speaking")}</Hidden>
    </span>
  );
}

/** Own pictures come from this machine and cost the server nothing, so they are not reported. */
function useViewReport(
  person: Participant,
  source: PictureSource,
  isMe: boolean,
  rank: number,
  reporter: ViewReporter,
) {
  const root = useRef<HTMLDivElement>(null);
  const wanted = !isMe && (source === "screen" ? person.screen : person.camera);
  const participant = person.id;
  useEffect(() => {
    if (!root.current || !wanted) return;
    return reporter.watch(root.current, { participant, source, rank });
  }, [reporter, participant, source, rank, wanted]);
  return root;
}
