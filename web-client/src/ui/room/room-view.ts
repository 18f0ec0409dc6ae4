/** What this person looks at in the room: panel, stage, page and open dialog. Never leaves this page. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { ParticipantId } from "../../protocol/vocabulary.ts";
import type { PictureKey } from "../../state/room-state.ts";
import type { Layout } from "../stage/order.ts";

export type RoomDialog =
  | { readonly name: "keys" }
  | { readonly name: "end" }
  | { readonly name: "leave_tutor" }
  | { readonly name: "remove"; readonly participant: ParticipantId };

export interface RoomView {
  readonly people: boolean;
  readonly pinned: PictureKey | null;
  readonly layout: Layout;
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
  view.setState((state) => ({ pinned: state.pinned === key ? null : key }));
}
