/** Wires admission, signaling and media to the store: the only place that knows them all. */

import type { LiveRoom } from "./live-room.ts";
import { checkNetwork } from "./media/network-check.ts";
import { OwnMedia } from "./media/own-media.ts";
import type { SessionAnswer } from "./protocol/messages.ts";
import type { Refusal } from "./protocol/vocabulary.ts";
import { AdmissionDesk } from "./signaling/admission.ts";
import { keepsake } from "./signaling/keepsake.ts";
import { deviceChanged, deviceListChanged, noticeAdded, phaseChanged } from "./state/changes.ts";
import type { Credential, JoinChoice, RoomActions } from "./state/room-actions.ts";
import type { NoticeBody, Phase } from "./state/room-state.ts";
import type { RoomStore } from "./state/room-store.ts";

/** Socket and peer connection are a chunk of their own: the join page must be small, and is looked at meanwhile. */
const loadLiveRoom = () => import("./live-room.ts");

export function createSession(store: RoomStore): RoomActions {
  const desk = new AdmissionDesk(
    keepsake(() => window.sessionStorage),
    keepsake(() => window.localStorage),
  );
  const abort = new AbortController();
  let invitation: Credential | null = null;
  let live: LiveRoom | null = null;

  const setPhase = (phase: Phase) => store.setState(phaseChanged(phase));
  const notice = (body: NoticeBody) => store.setState((state) => noticeAdded(state, body));
  const refuse = (code: Refusal, retryAfterS: number | null = null) => {
    if (code !== "rate_limited" && code !== "unreachable") desk.forget();
    setPhase({ name: "refused", code, retryAfterS });
  };

  const own = new OwnMedia({
    changed: (source, change) => store.setState((state) => deviceChanged(state, source, change)),
    talking: (talking) => store.setState({ talking }),
    listed: (kind, choices, selected) =>
      store.setState((state) => deviceListChanged(state, kind, { choices, selected })),
    notice,
    publish: (source, track) => live?.publish(source, track),
    announced: (on) => live?.announce(on),
  });

  const admitted = (answer: SessionAnswer) => {
    store.setState((state) => ({
      room: answer.room,
      me: { ...state.me, name: answer.person.name, role: answer.role, joinsMuted: answer.muted },
    }));
  };

  const enter = async (answer: SessionAnswer) => {
    const token = desk.token;
    if (!token) return refuse("token_invalid");
    const chunk = await loadLiveRoom().catch(() => null);
    if (!chunk) return refuse("unreachable");
    live?.close();
    live = new chunk.LiveRoom({
      store,
      own,
      token,
      tab: desk.tabId,
      iceServers: answer.ice_servers,
      notice,
      over: (phase) => {
        live = null;
        own.close();
        if (phase.name === "refused") refuse(phase.code, phase.retryAfterS);
        else setPhase(phase);
        if (phase.name === "removed" || phase.name === "ended") desk.forget();
      },
    });
  };

  const open = async (credential: Credential | null) => {
    if (!("RTCPeerConnection" in window)) return refuse("browser_unsupported");
    if (credential?.kind === "invitation") {
      invitation = credential;
      return setPhase({ name: "joining", asksName: true, problem: null });
    }
    setPhase({ name: "opening" });
    // What fails here is asked for again, and reported, when the person joins.
    loadLiveRoom().catch(() => {});
    const admission = credential ? await desk.exchange(credential, "") : await desk.resume();
    if (!admission.ok) return refuse(admission.code, admission.retryAfterS);
    admitted(admission.answer);
    setPhase({ name: "joining", asksName: false, problem: null });
  };

  const join = async (choice: JoinChoice) => {
    setPhase({ name: "connecting", step: "signalling" });
    const admission = invitation ? await desk.exchange(invitation, choice.name) : await desk.resume();
    if (!admission.ok) {
      if (admission.code === "name_invalid") {
        return setPhase({ name: "joining", asksName: true, problem: admission.code });
      }
      return refuse(admission.code, admission.retryAfterS);
    }
    invitation = null;
    admitted(admission.answer);
    await enter(admission.answer);
  };

  const rejoin = async () => {
    setPhase({ name: "connecting", step: "signalling" });
    const { mic, camera } = store.getState();
    if (mic.on) await own.set("mic", true);
    if (camera.on) await own.set("camera", true);
    const admission = await desk.resume();
    if (!admission.ok) return refuse(admission.code, admission.retryAfterS);
    await enter(admission.answer);
  };

  return {
    open: (credential) => void open(credential),
    join: (choice) => void join(choice),
    leave: () => live?.leave(),
    rejoin: () => void rejoin(),
    retryNow: () => (live ? live.retryNow() : void open(invitation)),
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
      store.setState({ network: { state: "running" } });
      void checkNetwork(abort.signal).then((network) => store.setState({ network }));
    },
    setHand: (raised) => live?.setHand(raised),
    setView: (tiles) => live?.setView(tiles),
    moderate: (moderation) => live?.moderate(moderation),
    onMicLevel: (listener) => own.onLevel(listener),
  };
}
