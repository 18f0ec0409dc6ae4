/** Wires admission, signaling and media to the store: the only place that knows them all. */

import { followBoard } from "./board-stay.ts";
import type { LiveRoom, LiveRoomOptions } from "./live-room.ts";
import { checkNetwork } from "./media/network-check.ts";
import { OwnMedia, type OwnMediaHandlers } from "./media/own-media.ts";
import type { SessionAnswer } from "./protocol/messages.ts";
import { RETRIED, type Refusal } from "./protocol/vocabulary.ts";
import { type Admission, AdmissionDesk } from "./signaling/admission.ts";
import { keepsake } from "./signaling/keepsake.ts";
import { Link } from "./signaling/link.ts";
import { deviceChanged, deviceListChanged, noticeAdded, phaseChanged } from "./state/changes.ts";
import type { Credential, JoinChoice, RoomActions } from "./state/room-actions.ts";
import type { NetworkCheck, NoticeBody, Phase } from "./state/room-state.ts";
import type { RoomStore } from "./state/room-store.ts";

export type Stay = Pick<LiveRoom, keyof LiveRoom>;

/** What the session is made of; tests put others in their place. */
export interface SessionParts {
  readonly desk: Pick<AdmissionDesk, keyof AdmissionDesk>;
  own(handlers: OwnMediaHandlers): Pick<OwnMedia, keyof OwnMedia>;
  /** Socket and peer connection are a chunk of their own: the join page must be small, and is looked at meanwhile. */
  loadStay(): Promise<(options: LiveRoomOptions) => Stay>;
  /** Lives until the signal is aborted. */
  followBoard: typeof followBoard;
  checkNetwork(signal: AbortSignal): Promise<NetworkCheck>;
  supported(): boolean;
}

export function createSession(store: RoomStore, parts: SessionParts = partsOfThePage()): RoomActions {
  const { desk } = parts;
  let link = new Link(desk, null);
  /** Aborted as soon as the person goes another way: no later step of this one may take effect. */
  let way = new AbortController();
  /** Where Cancel leads while the room is being entered. */
  let back: Phase = { name: "left" };
  let live: Stay | null = null;
  /** The server hears of a leave before it hears of the next join. */
  let leaving: Promise<void> = Promise.resolve();
  let checking = new AbortController();

  const setPhase = (phase: Phase) => store.setState(phaseChanged(phase));
  const notice = (body: NoticeBody) => store.setState((state) => noticeAdded(state, body));

  const own = parts.own({
    changed: (source, change) => store.setState((state) => deviceChanged(state, source, change)),
    talking: (talking) => store.setState({ talking }),
    listed: (kind, choices, selected) =>
      store.setState((state) => deviceListChanged(state, kind, { choices, selected })),
    notice,
    publish: (source, track) => live?.publish(source, track),
    announced: (on) => live?.announce(on),
  });

  const setOut = (from: Phase): AbortSignal => {
    way.abort();
    way = new AbortController();
    back = from;
    return way.signal;
  };

  /** Whatever was under way or open: over, with every device given back. */
  const finish = () => {
    way.abort();
    if (live) leaving = live.leave();
    live = null;
    own.release();
    store.setState({ notices: [] });
  };

  const refuse = (code: Refusal, retryAfterS: number | null = null) => {
    finish();
    // A browser that cannot join leaves its token to be of use after a reload.
    if (!RETRIED.has(code) && code !== "browser_unsupported") desk.forget();
    setPhase({ name: "refused", code, retryAfterS });
  };

  const admitted = (answer: SessionAnswer) => {
    store.setState((state) => ({
      room: answer.room,
      me: { ...state.me, name: answer.person.name, role: answer.role, joinsMuted: answer.muted },
    }));
  };

  const over = (phase: Parameters<LiveRoomOptions["over"]>[0]) => {
    live = null;
    if (store.getState().phase.name !== "connecting") link.settle();
    if (phase.name === "refused") return refuse(phase.code, phase.retryAfterS);
    finish();
    if (phase.name !== "moved") desk.forget();
    setPhase(phase);
  };

  const enter = async (admission: Admission, signal: AbortSignal) => {
    if (!admission.ok) return refuse(admission.code, admission.retryAfterS);
    admitted(admission.answer);
    const stay = await parts.loadStay().catch(() => null);
    if (signal.aborted) return;
    const token = desk.token;
    if (!stay) return refuse("unreachable");
    if (!token) return refuse("token_invalid");
    const iceServers = admission.answer.ice_servers;
    live = stay({ store, own, token, tab: desk.tabId, iceServers, notice, over });
    parts.followBoard(store, { room: admission.answer.room.id, token, tab: desk.tabId }, signal);
  };

  const open = async () => {
    finish();
    const signal = setOut({ name: "left" });
    if (!parts.supported()) return refuse("browser_unsupported");
    if (link.asksName) return setPhase({ name: "joining", asksName: true, problem: null });
    setPhase({ name: "opening" });
    // What fails here is asked for again, and reported, when the person joins.
    parts.loadStay().catch(() => {});
    const admission = await link.admit("", signal);
    if (signal.aborted) return;
    if (!admission.ok) return refuse(admission.code, admission.retryAfterS);
    admitted(admission.answer);
    setPhase({ name: "joining", asksName: false, problem: null });
  };

  const join = async (choice: JoinChoice) => {
    const { phase } = store.getState();
    if (phase.name !== "joining") return;
    const signal = setOut({ ...phase, problem: null });
    checking.abort();
    setPhase({ name: "connecting", step: "signalling" });
    await leaving;
    const admission = await link.admit(choice.name, signal);
    if (signal.aborted) return;
    if (!admission.ok && admission.code === "name_invalid") {
      return setPhase({ name: "joining", asksName: true, problem: admission.code });
    }
    await enter(admission, signal);
  };

  const rejoin = async () => {
    const { phase, mic, camera } = store.getState();
    if (phase.name !== "left" && phase.name !== "moved") return;
    const signal = setOut(phase);
    setPhase({ name: "connecting", step: "signalling" });
    // The question for a device keeps nobody out: its track follows when it is there.
    if (mic.on) void own.set("mic", true);
    if (camera.on) void own.set("camera", true);
    await leaving;
    const admission = await link.admit("", signal);
    if (!signal.aborted) await enter(admission, signal);
  };

  const leave = () => {
    const { phase } = store.getState();
    if (phase.name === "room" || phase.name === "reconnecting") link.settle();
    else if (phase.name !== "opening" && phase.name !== "joining" && phase.name !== "connecting") return;
    finish();
    setPhase(phase.name === "connecting" ? back : { name: "left" });
  };

  return {
    open: (credential: Credential | null) => {
      link = new Link(desk, credential);
      void open();
    },
    join: (choice) => void join(choice),
    leave,
    rejoin: () => void rejoin(),
    retryNow: () => (live ? live.retryNow() : void open()),
    startPreview: (wanted) => {
      void own.list();
      if (wanted.mic) void own.set("mic", true);
      if (wanted.camera) void own.set("camera", true);
    },
    setMic: (on) => void own.set("mic", on),
    setCamera: (on) => void own.set("camera", on),
    setScreen: (on) => void own.setScreen(on),
    pushToTalk: (held) => void own.pushToTalk(held),
    selectDevice: (kind, id) => void own.select(kind, id),
    checkNetwork: () => {
      checking.abort();
      checking = new AbortController();
      const { signal } = checking;
      store.setState({ network: { state: "running" } });
      void parts.checkNetwork(signal).then((network) => {
        if (!signal.aborted) store.setState({ network });
      });
    },
    setHand: (raised) => live?.setHand(raised),
    setView: (tiles) => live?.setView(tiles),
    moderate: (moderation) => live?.moderate(moderation),
    onMicLevel: (listener) => own.onLevel(listener),
  };
}

function partsOfThePage(): SessionParts {
  return {
    desk: new AdmissionDesk(
      keepsake(() => window.sessionStorage),
      keepsake(() => window.localStorage),
    ),
    own: (handlers) => new OwnMedia(handlers),
    followBoard,
    loadStay: async () => {
      const { LiveRoom } = await import("./live-room.ts");
      return (options) => new LiveRoom(options);
    },
    checkNetwork,
    supported: () => "RTCPeerConnection" in window,
  };
}
