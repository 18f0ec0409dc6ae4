/** Whether the whiteboard stands on the stage: chosen by the person, or led there by the tutor. */
import { useCallback, useSyncExternalStore } from "react";
import type { BoardFace } from "../../whiteboard/sync/board-face.ts";
import { useRoom } from "../page-context.ts";
import { useRoomView } from "../room/room-view.ts";
import type { StageChoice } from "./order.ts";

export function boardShown(choice: StageChoice, led: boolean): boolean {
  return choice === "board" || (choice === "follow" && led);
}

export function useBoardShown(): boolean {
  const choice = useRoomView((view) => view.stage);
  const board = useRoom((state) => state.board);
  return boardShown(choice, useLed(board));
}

/** The class is on the board. */
export function isLed(board: BoardFace | null): boolean {
  return board !== null && board.store.getState().turn.page !== null;
}

function useLed(board: BoardFace | null): boolean {
  const subscribe = useCallback(
    (changed: () => void) => board?.store.subscribe(changed) ?? (() => {}),
    [board],
  );
  return useSyncExternalStore(subscribe, () => isLed(board));
}
