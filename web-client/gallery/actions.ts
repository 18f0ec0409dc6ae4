/** Actions that only change the store, so that the gallery's buttons answer. */
import type { Participant } from "../src/protocol/vocabulary.ts";
import type { RoomActions } from "../src/state/room-actions.ts";
import type { RoomStore } from "../src/state/room-store.ts";

export function galleryActions(store: RoomStore): RoomActions {
  const nothing = () => {};
  const changeMe = (change: Partial<Participant>) =>
    store.setState((state) => {
      const me = state.me.participant ? state.participants.get(state.me.participant) : undefined;
      return me ? { participants: new Map(state.participants).set(me.id, { ...me, ...change }) } : {};
    });
  return {
    open: nothing,
    join: () => store.setState({ phase: { name: "connecting", step: "signalling" } }),
    leave: () => store.setState({ phase: { name: "left" } }),
    rejoin: () => store.setState({ phase: { name: "room" } }),
    retryNow: () => store.setState({ phase: { name: "room" } }),
    startPreview: nothing,
    setMic: (on) => {
      store.setState((state) => ({ mic: { ...state.mic, on } }));
      changeMe({ mic: on });
    },
    setCamera: (on) => {
      store.setState((state) => ({ camera: { ...state.camera, on } }));
      changeMe({ camera: on });
    },
    setScreen: (on) => store.setState((state) => ({ screen: { ...state.screen, on } })),
    pushToTalk: (talking) => store.setState({ talking }),
    selectDevice: (kind, id) =>
      store.setState((state) => ({
        devices: { ...state.devices, [kind]: { ...state.devices[kind], selected: id } },
      })),
    checkNetwork: nothing,
    setHand: (raised) => changeMe({ hand: raised ? Date.now() : null }),
    setView: (tiles) => Object.assign(window, { galleryView: tiles }),
    moderate: (moderation) => {
      if (moderation.action === "end") store.setState({ phase: { name: "ended", by: null } });
    },
    onMicLevel: (listener) => {
      const timer = setInterval(() => listener(0.45 + 0.3 * Math.sin(Date.now() / 240)), 50);
      return () => clearInterval(timer);
    },
  };
}
