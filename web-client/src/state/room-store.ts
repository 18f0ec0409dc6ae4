/** The one store of the page: plain zustand, so that it works without React and in tests. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { initialRoomState, type RoomState } from "./room-state.ts";

export type RoomStore = StoreApi<RoomState>;

export function createRoomStore(overrides: Partial<RoomState> = {}): RoomStore {
  return createStore<RoomState>(() => ({ ...initialRoomState, ...overrides }));
}
