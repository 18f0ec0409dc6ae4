/** The page as a whole: shows the screen of the phase. */
import { useStore } from "zustand";
import type { RoomActions } from "../state/room-actions.ts";
import type { RoomStore } from "../state/room-store.ts";

export interface AppProps {
  readonly store: RoomStore;
  readonly actions: RoomActions;
}

export function App({ store }: AppProps) {
  const phase = useStore(store, (state) => state.phase);
  return <main>{phase.name}</main>;
}
