/** What this person looks at in the room: panel, stage, page and open dialog. Never leaves this page. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { ParticipantId } from "../../protocol/vocabulary.ts";
import type { PictureKey } from "../../state/room-state.ts";
import type { BoardView } from "../board/board-context.ts";
import type { Layout, StageChoice } from "../stage/order.ts";

export type RoomDialog =
  | { readonly name: "keys" }
  | { readonly name: "end" }
  | { readonly name: "leave_tutor" }
  | { readonly name: "remove"; readonly participant: ParticipantId };

export interface RoomView {
  readonly people: boolean;
  readonly pinned: PictureKey | null;
  readonly layout: Layout;
  /** Board and class are stages of equal rank; by default the tutor's is followed. */
  readonly stage: StageChoice;
  /** Rises when the person asks to come back to where the class is. */
  readonly follows: number;
  /** What is open on the board at its beginning. */
  readonly board: Partial<BoardView> | undefined;
  /** Counted from 0. */
  readonly page: number;
  readonly dialog: RoomDialog | null;
  /** Tiles as they stand on the screen now, so that keys 1 to 9 mean what is seen. */
  readonly shown: readonly PictureKey[];
}

export type RoomViewStore = StoreApi<RoomView>;

export function createRoomView(overrides: Partial<RoomView> = {}): RoomViewStore {
  return createStore<RoomView>(() => ({
    people: false,
    pinned: null,
    layout: "tiles",
    stage: "follow",
    follows: 0,
    board: undefined,
    page: 0,
    dialog: null,
    shown: [],
    ...overrides,
  }));
}

export const RoomViewContext = createContext<RoomViewStore | null>(null);

export function useRoomViewStore(): RoomViewStore {
  const view = useContext(RoomViewContext);
  if (!view) throw new Error("a component of the room stands outside of it");
  return view;
}

export function useRoomView<Part>(select: (view: RoomView) => Part): Part {
  return useStore(useRoomViewStore(), select);
}

/** The same tile a second time gives the stage back to the class. */
export function togglePin(view: RoomViewStore, key: PictureKey): void {
  view.setState((state) => ({
    pinned: state.pinned === key ? null : key,
    stage: state.pinned === key ? state.stage : "class",
  }));
}

/** The board and the class change places; who comes to where the tutor is, follows again. */
export function toggleBoard(view: RoomViewStore, shown: boolean, led: boolean): void {
  const wanted = !shown;
  view.setState({ stage: wanted === led ? "follow" : wanted ? "board" : "class" });
}

/** Back to what the tutor shows: stage, page and tile. */
export function followClass(view: RoomViewStore): void {
  view.setState((state) => ({ pinned: null, page: 0, stage: "follow", follows: state.follows + 1 }));
}
