/** The room: bars, stage, people, and what speaks, shows and listens around them. */
import { useEffect, useState } from "react";
import { useHandTone } from "../announce/hand-tone.ts";
import { LiveRegion } from "../announce/live-region.tsx";
import { useKeyboard } from "../keyboard/use-keyboard.ts";
import { usePage, useText } from "../page-context.ts";
import { PeoplePanel } from "../people/people-panel.tsx";
import { Stage } from "../stage/stage.tsx";
import { Banners } from "./banners.tsx";
import { ControlBar } from "./control-bar.tsx";
import styles from "./room.module.css";
import { RoomDialogs } from "./room-dialogs.tsx";
import { createRoomView, type RoomView, RoomViewContext, useRoomView } from "./room-view.ts";
import { Sounds, useSoundState } from "./sounds.tsx";
import { TopBar } from "./top-bar.tsx";
import { useWakeLock } from "./use-wake-lock.ts";

export interface RoomProps {
  /** What is open at the beginning; by default a tutor on a wide screen sees the people. */
  readonly view?: Partial<RoomView>;
}

/** From here on the panel leaves the stage its width. */
const WIDE = "(min-width: 1180px)";

export default function Room({ view }: RoomProps) {
  const { store } = usePage();
  const [roomView] = useState(() =>
    createRoomView({
      people: store.getState().me.role === "tutor" && window.matchMedia(WIDE).matches,
      ...view,
    }),
  );
  return (
    <RoomViewContext value={roomView}>
      <RoomParts />
    </RoomViewContext>
  );
}

function RoomParts() {
  const text = useText();
  const people = useRoomView((state) => state.people);
  const sound = useSoundState();
  useKeyboard();
  useWakeLock();
  useHandTone();
  // Who cannot see the page begins at the stage, and the space bar talks at once.
  useEffect(() => document.getElementById("stage")?.focus(), []);
  return (
    <div className={styles.room}>
      <a className={styles.skip} href="#stage">
        {text("app.skip")}
      </a>
      <TopBar />
      <div className={styles.banners}>
        <Banners soundBlocked={sound.blocked} onSoundOn={sound.retry} />
      </div>
      <Stage />
      {people && <PeoplePanel />}
      <ControlBar />
      <LiveRegion />
      <RoomDialogs />
      <Sounds state={sound} />
    </div>
  );
}
