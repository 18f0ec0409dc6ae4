/** Wires protocol, signaling and media to the store. */
import type { RoomActions } from "./state/room-actions.ts";
import type { RoomStore } from "./state/room-store.ts";

/** Not connected to a server yet: every way in is refused with the reason `unreachable`. */
export function createSession(store: RoomStore): RoomActions {
  const nothing = () => {};
  const refuse = () => store.setState({ phase: { name: "refused", code: "unreachable", retryAfterS: null } });
  return {
    open: refuse,
    join: refuse,
    leave: nothing,
    rejoin: refuse,
    retryNow: nothing,
    startPreview: nothing,
    setMic: nothing,
    setCamera: nothing,
    setScreen: nothing,
    pushToTalk: nothing,
    selectDevice: nothing,
    checkNetwork: nothing,
    setHand: nothing,
    setView: nothing,
    moderate: nothing,
    onMicLevel: () => nothing,
  };
}
