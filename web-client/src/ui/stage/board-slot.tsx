/** The place of the whiteboard on the stage: fetches its part of the page and its words when it is first shown. */
import { type ComponentType, useEffect, useState } from "react";
import type { BoardStageProps } from "../board/board-stage.tsx";
import type { BoardTranslate } from "../i18n/texts.ts";
import { usePage, useRoom, useText } from "../page-context.ts";
import { useRoomView } from "../room/room-view.ts";
import styles from "./stage.module.css";

/** A chunk that does not come over a bad link is asked for until it is there. */
const AGAIN_MS = 3_000;

interface Loaded {
  readonly Stage: ComponentType<BoardStageProps>;
  readonly words: BoardTranslate;
}

export function BoardSlot() {
  const { texts } = usePage();
  const text = useText();
  const face = useRoom((state) => state.board);
  const view = useRoomView((state) => state.board);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = () =>
      Promise.all([import("../board/board-stage.tsx"), texts.board()]).then(
        ([chunk, words]) => {
          if (current) setLoaded({ Stage: chunk.default, words });
        },
        () => {
          if (current) timer = setTimeout(load, AGAIN_MS);
        },
      );
    void load();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [texts]);
  if (loaded && face) return <loaded.Stage face={face} words={loaded.words} view={view} />;
  return (
    <div className={styles.boardWait} role="status">
      {text("stage.board_loading")}
    </div>
  );
}
