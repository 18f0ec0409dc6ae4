/** One stay in a room: joins, keeps the connections alive, and turns what the server says into state. */
import { MediaPeer, type OfferedSection } from "./media/media-peer.ts";
import type { OwnMedia } from "./media/own-media.ts";
import { SlotBoard } from "./media/slot-board.ts";
import type { ClientEvent, SlotChange } from "./protocol/messages.ts";
import type { Moderation, ParticipantId, RoomSnapshot, Source, TileView } from "./protocol/vocabulary.ts";
import { asRefusal } from "./signaling/admission.ts";
import { type EventHandlers, SignalingClient } from "./signaling/signaling-client.ts";
import {
  participantChanged,
  participantLeft,
  phaseChanged,
  picturesChanged,
  qualityChanged,
  snapshotArrived,
  speakingChanged,
} from "./state/changes.ts";
import type { NoticeBody, Phase } from "./state/room-state.ts";
import type { RoomStore } from "./state/room-store.ts";

const CLIENT = { name: "muster-web", version: "0.1.0" };
/** A refused or failed set-up of the media is tried again after this. */
const MEDIA_RETRY_MS = 3_000;
/** Offers that the server may refuse in a row before the page says so. */
const OFFERS_MAX = 2;

export interface LiveRoomOptions {
  readonly store: RoomStore;
  readonly own: OwnMedia;
  readonly token: string;
  readonly tab: string;
  readonly iceServers: readonly RTCIceServer[];
  notice(body: NoticeBody): void;
  /** The stay is over; the object is of no more use. */
  over(phase: Extract<Phase, { name: "left" | "moved" | "ended" | "removed" | "refused" }>): void;
}

export class LiveRoom {
  readonly #options: LiveRoomOptions;
  readonly #signaling: SignalingClient;
  #peer: MediaPeer | null = null;
  #board: SlotBoard | null = null;
  #early: SlotChange[] = [];
  #version = 0;
  #participant: ParticipantId | null = null;
  #view: readonly TileView[] = [];
  #announced = "";
  #attempt = 0;
  #draining = false;
  #refusedOffers = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: LiveRoomOptions) {
    this.#options = options;
    this.#signaling = new SignalingClient({ token: options.token, tab: options.tab }, this.#events(), {
      connected: () => void this.#join(),
      interrupted: () => this.#interrupted(),
      attempting: (attempt) => this.#interrupted(attempt),
      refused: (code) => this.#refused(code),
    });
    this.#signaling.connect();
  }

  publish(source: Source, track: MediaStreamTrack | null): void {
    void this.#peer?.publish(source, track);
  }

  announce(on: Readonly<Record<Source, boolean>>): void {
    const said = JSON.stringify(on);
    if (said === this.#announced || !this.#signaling.connected) return;
    this.#announced = said;
    void this.#send("media", { ...on });
  }

  setHand(raised: boolean): void {
    void this.#send("hand", { raised });
  }

  setView(tiles: readonly TileView[]): void {
    this.#view = tiles;
    if (this.#signaling.connected) void this.#send("view", { tiles });
  }

  moderate(moderation: Moderation): void {
    void this.#send("moderate", { ...moderation });
  }

  retryNow(): void {
    this.#signaling.retry();
  }

  leave(): void {
    void this.#signaling.request("leave", {}).finally(() => this.#over({ name: "left" }));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#signaling.close();
    this.#closePeer();
    const { pictures } = this.#options.store.getState();
    if (pictures.size > 0) this.#options.store.setState({ pictures: new Map() });
    this.#options.store.setState({ sounds: [], speaking: [] });
  }

  async #join(): Promise<void> {
    const on = this.#options.own.announcement;
    const reply = await this.#signaling.request("join", {
      client: CLIENT,
      media: { mic: on.mic, camera: on.camera },
    });
    if (this.#closed) return;
    if (!reply.ok) {
      // A link that drops often joins often: it keeps its place and waits its turn.
      if (reply.code === "rate_limited") {
        this.#interrupted(this.#attempt + 1);
        this.#retry = setTimeout(() => void this.#join(), (reply.retryAfterS ?? 3) * 1_000);
        return;
      }
      // A connection that broke again joins again by itself.
      if (reply.code !== "unreachable")
        this.#over({ name: "refused", code: asRefusal(reply.code), retryAfterS: null });
      return;
    }
    const snapshot = reply.value.state;
    const resumed = this.#participant === snapshot.you.participant && this.#peer !== null;
    const back = this.#attempt > 0;
    this.#participant = snapshot.you.participant;
    this.#attempt = 0;
    this.#draining = false;
    this.#apply(snapshot);
    this.#announced = "";
    this.announce(on);
    if (back) this.#options.notice({ kind: "reconnected" });
    if (resumed) {
      this.#toRoom();
      this.setView(this.#view);
    } else {
      await this.#openPeer();
    }
  }

  async #openPeer(): Promise<void> {
    this.#closePeer();
    const phase = this.#options.store.getState().phase;
    if (phase.name === "connecting") this.#setPhase({ name: "connecting", step: "media" });
    const peer = new MediaPeer(this.#options.iceServers, {
      negotiate: (sdp, sections, signal) => this.#negotiate(sdp, sections, signal),
      flowing: (flowing) => {
        if (flowing && this.#signaling.connected) this.#toRoom();
        else if (!flowing) this.#setPhase({ name: "reconnecting", attempt: 1, reason: "network" });
      },
      failed: () => void this.#openPeer(),
    });
    this.#peer = peer;
    this.#board = new SlotBoard(peer);
    const tracks = this.#options.own.tracks();
    await Promise.all([...tracks].map(([source, track]) => peer.publish(source, track)));
    const started = await peer.start();
    if (this.#closed || this.#peer !== peer) return;
    if (!started) {
      // The same browser makes the same offer again: what the server refuses for good is said, not repeated for ever.
      if (this.#refusedOffers >= OFFERS_MAX) {
        this.#over({ name: "refused", code: "browser_unsupported", retryAfterS: null });
        return;
      }
      this.#retry = setTimeout(() => void this.#openPeer(), MEDIA_RETRY_MS);
      return;
    }
    this.#changeSlots(this.#early.splice(0));
    this.#toRoom();
    this.setView(this.#view);
  }

  async #negotiate(
    sdp: string,
    sections: readonly OfferedSection[],
    signal: AbortSignal,
  ): Promise<string | null> {
    const reply = await this.#signaling.request("offer", { sdp, sections });
    this.#refusedOffers = !reply.ok && reply.code === "offer_refused" ? this.#refusedOffers + 1 : 0;
    return reply.ok && !signal.aborted ? reply.value.sdp : null;
  }

  #events(): EventHandlers {
    const { store, notice } = this.#options;
    return {
      state: (snapshot) => this.#apply(snapshot),
      participant: ({ version, participant }) => {
        if (this.#follows(version)) store.setState((state) => participantChanged(state, participant));
      },
      left: ({ version, participant }) => {
        if (this.#follows(version)) store.setState((state) => participantLeft(state, participant));
      },
      speaking: ({ participants }) => store.setState(speakingChanged(participants)),
      slots: ({ slots }) => this.#changeSlots(slots),
      encodings: ({ source, active }) => void this.#peer?.setEncodings(source, active),
      quality: ({ participants }) => store.setState((state) => qualityChanged(state, participants)),
      muted: ({ source, by }) => {
        if (source === "screen") void this.#options.own.setScreen(false);
        else void this.#options.own.set(source, false);
        notice({ kind: "muted_by", name: by ?? "" });
      },
      lowered: ({ by }) => notice({ kind: "hand_lowered_by", name: by ?? "" }),
      removed: ({ by }) => this.#over({ name: "removed", by }),
      ended: ({ by }) => this.#over({ name: "ended", by }),
      restart_ice: () => void this.#peer?.restartIce(),
      renew_media: () => void this.#openPeer(),
      // Two tabs of one person would take the media from each other for ever: this one rests until it is asked.
      moved: () => this.#over({ name: "moved" }),
      draining: () => {
        this.#draining = true;
      },
    };
  }

  /** False = a gap or an old change: a gap is mended by a full state. */
  #follows(version: number): boolean {
    if (version === this.#version + 1) {
      this.#version = version;
      return true;
    }
    if (version > this.#version) void this.#resync();
    return false;
  }

  async #resync(): Promise<void> {
    const reply = await this.#signaling.request("sync", {});
    if (reply.ok && !this.#closed) this.#apply(reply.value.state);
  }

  #apply(snapshot: RoomSnapshot): void {
    this.#version = snapshot.version;
    this.#options.store.setState((state) => snapshotArrived(state, snapshot, Date.now()));
  }

  #changeSlots(changes: readonly SlotChange[]): void {
    // Slots may be told before our answer has given the sections their mids.
    if (!this.#board || !this.#peer?.soundMids().length) {
      this.#early.push(...changes);
      return;
    }
    const { pictures, sounds } = this.#board.apply(changes);
    this.#options.store.setState((state) => ({ ...picturesChanged(state, pictures), sounds }));
  }

  #interrupted(attempt = 1): void {
    if (this.#closed) return;
    this.#attempt = attempt;
    const { phase } = this.#options.store.getState();
    if (phase.name === "connecting") return;
    this.#setPhase({ name: "reconnecting", attempt, reason: this.#draining ? "server_restart" : "network" });
  }

  #refused(code: string): void {
    if (code === "draining") {
      this.#draining = true;
      this.#interrupted(this.#attempt + 1);
      this.#retry = setTimeout(() => this.#signaling.retry(), MEDIA_RETRY_MS * (0.5 + Math.random()));
      return;
    }
    this.#over({ name: "refused", code: asRefusal(code), retryAfterS: null });
  }

  async #send(event: ClientEvent, payload: object): Promise<void> {
    const reply = await this.#signaling.request(event, payload);
    if (reply.ok || this.#closed || reply.code === "unreachable") return;
    const kinds: Partial<Record<string, NoticeBody>> = {
      rate_limited: { kind: "too_fast" },
      forbidden: { kind: "not_allowed" },
    };
    this.#options.notice(kinds[reply.code] ?? { kind: "action_failed" });
  }

  #toRoom(): void {
    if (!this.#closed) this.#setPhase({ name: "room" });
  }

  #setPhase(phase: Phase): void {
    this.#options.store.setState(phaseChanged(phase));
  }

  #closePeer(): void {
    clearTimeout(this.#retry);
    this.#peer?.close();
    this.#peer = null;
    this.#board = null;
    this.#early = [];
    this.#options.store.setState({ pictures: new Map(), sounds: [] });
  }

  #over(phase: Parameters<LiveRoomOptions["over"]>[0]): void {
    if (this.#closed) return;
    this.close();
    this.#options.over(phase);
  }
}
