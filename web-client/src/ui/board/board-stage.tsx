/** The whiteboard as a stage: bar, page, tools and page strip. The entry of its chunk. */
import { useEffect, useMemo, useState } from "react";
import type { BoardFace } from "../../whiteboard/sync/board-face.ts";
import type { BoardTranslate } from "../i18n/texts.ts";
import { Button } from "../kit/button.tsx";
import { useRoomView } from "../room/room-view.ts";
import styles from "./board.module.css";
import { BoardBar } from "./board-bar.tsx";
import { BoardCanvas } from "./board-canvas.tsx";
import {
  BoardContext,
  type BoardView,
  createBoardView,
  useBoard,
  useBoardParts,
  useBoardView,
  useCurrentPage,
  useManages,
  useWords,
} from "./board-context.ts";
import { BoardNews } from "./board-news.tsx";
import { BoardNote } from "./board-note.tsx";
import {
  BoardDialogs,
  CopiesWall,
  fetchParts,
  GhostsPanel,
  ShapesPanel,
  UploadsList,
} from "./opened-later.ts";
import { AddPages } from "./page-menu.tsx";
import { PageStrip } from "./page-strip.tsx";
import { Toolbar } from "./toolbar.tsx";

export interface BoardStageProps {
  readonly face: BoardFace;
  readonly words: BoardTranslate;
  /** What is open at the beginning; by default the pages are beside the board where there is room for them. */
  readonly view?: Partial<BoardView> | undefined;
}

const WIDE = "(min-width: 1024px) and (min-height: 600px)";

export default function BoardStage({ face, words, view }: BoardStageProps) {
  const [boardView] = useState(() => createBoardView({ strip: window.matchMedia(WIDE).matches, ...view }));
  const follows = useRoomView((state) => state.follows);
  useEffect(() => {
    if (follows > 0) boardView.setState({ looking: null, panel: null });
  }, [boardView, follows]);
  useEffect(() => fetchParts(() => face.linkIsGood()), [face]);
  const parts = useMemo(() => ({ face, words, view: boardView }), [face, words, boardView]);
  return (
    <BoardContext value={parts}>
      <section className={styles.board} aria-label={words("board.name")}>
        <Parts />
      </section>
    </BoardContext>
  );
}

function Parts() {
  const page = useCurrentPage();
  const known = useBoard((state) => state.you !== null);
  const link = useBoard((state) => state.link);
  const strip = useBoardView((view) => view.strip);
  const panel = useBoardView((view) => view.panel);
  const asked = useBoardView((view) => view.dialog !== null);
  const uploads = useBoard((state) => state.uploads.length > 0);
  if (!known) return link === "waiting" || link === "refused" ? <Failed /> : <Opening />;
  return (
    <>
      <BoardBar page={page} />
      <div className={styles.middle}>
        {strip && page && <PageStrip page={page} />}
        <div className={styles.field}>
          {page ? <BoardCanvas page={page} /> : <NoPages />}
          {page && panel === "copies" && <CopiesWall page={page} />}
          {page && panel !== "copies" && <Toolbar page={page} />}
          {uploads && <UploadsList />}
          <BoardNote />
          {page && <BoardNews page={page} />}
        </div>
        {panel === "shapes" && <ShapesPanel />}
        {panel === "ghosts" && <GhostsPanel />}
      </div>
      {asked && <BoardDialogs page={page} />}
    </>
  );
}

function Opening() {
  const words = useWords();
  return (
    <div className={styles.state} role="status">
      <div className={styles.skeleton} aria-hidden="true" />
      <p>{words("board.loading")}</p>
    </div>
  );
}

function Failed() {
  const { face, words } = useBoardParts();
  const refused = useBoard((state) => state.link === "refused");
  return (
    <div className={styles.state} role="status">
      <h2 className={styles.stateTitle}>{words(refused ? "board.refused_title" : "board.failed_title")}</h2>
      <p>{words(refused ? "board.refused_body" : "board.failed_body")}</p>
      {!refused && <Button onPress={() => face.retry()}>{words("board.retry")}</Button>}
    </div>
  );
}

function NoPages() {
  const words = useWords();
  const manages = useManages();
  // The empty state is only said when it lasts: pages may be on their way.
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div className={styles.state}>
      <h2 className={styles.stateTitle}>{words("board.empty_title")}</h2>
      <p>{words(manages ? "board.empty_tutor" : "board.empty_officer")}</p>
      {manages && <AddPages />}
    </div>
  );
}
