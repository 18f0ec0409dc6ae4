/** Brings the whiteboard of a stay into the store: fetched when sound and video are up, tried again until it is there. */

import type { RoomStore } from "./state/room-store.ts";
import type { BoardClient } from "./whiteboard/sync/board-client.ts";
import type { BoardStay } from "./whiteboard/sync/open-board.ts";

/** Sound and video come first: the board waits until the room has been up for this long. */
const AFTER_MS = 400;
const AGAIN_MS = 5_000;

export type OpenBoard = (stay: BoardStay, signal: AbortSignal) => Promise<BoardClient>;

/** The board's chunk: Yjs and all that keeps pages in step. */
export const loadBoard = async (): Promise<OpenBoard> =>
  (await import("./whiteboard/sync/open-board.ts")).openBoard;

export interface BoardKey {
  readonly room: string;
  readonly token: string;
  readonly tab: string;
}

/** Until `signal` is aborted; then the store has no board any more. */
export function followBoard(
  store: RoomStore,
  key: BoardKey,
  signal: AbortSignal,
  load: () => Promise<OpenBoard> = loadBoard,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = async () => {
    try {
      const open = await load();
      if (signal.aborted) return;
      const board = await open({ ...key, linkIsGood: () => linkIsGood(store) }, signal);
      if (!signal.aborted) store.setState({ board });
    } catch {
      // A chunk that does not come over a bad link is asked for again.
      if (!signal.aborted) timer = setTimeout(() => void begin(), AGAIN_MS);
    }
  };
  const wait = () => {
    if (store.getState().phase.name !== "room") return;
    stop();
    timer = setTimeout(() => void begin(), AFTER_MS);
  };
  const stop = store.subscribe(wait);
  signal.addEventListener("abort", () => {
    stop();
    clearTimeout(timer);
    store.setState({ board: null });
  });
  wait();
}

function linkIsGood(store: RoomStore): boolean {
  const { phase, me, participants } = store.getState();
  const quality = me.participant ? participants.get(me.participant)?.quality : undefined;
  return phase.name === "room" && quality !== "poor" && quality !== "lost" && !savesData();
}

/** The person asked the browser to spare the link. */
function savesData(): boolean {
  const connection: unknown = "connection" in navigator ? navigator.connection : null;
  return typeof connection === "object" && connection !== null && "saveData" in connection
    ? connection.saveData === true
    : false;
}
