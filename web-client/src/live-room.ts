/** One stay in a room: joins, keeps the connections alive, and turns what the server says into state. */
import { MediaLink, type PeerMaker } from "./media/media-link.ts";
import type { OwnMedia } from "./media/own-media.ts";
import type { Moderation, ParticipantId, RoomSnapshot, Source, TileView } from "./protocol/vocabulary.ts";
import { RoomRequests } from "./room-requests.ts";
import { asRefusal } from "./signaling/admission.ts";
import { type EventHandlers, SignalingClient } from "./signaling/signaling-client.ts";
import { phaseChanged, picturesChanged, qualityChanged, speakingChanged } from "./state/changes.ts";
import { RoomFollower } from "./state/room-follower.ts";
import type { NoticeBody, Phase } from "./state/room-state.ts";
import type { RoomStore } from "./state/room-store.ts";

const CLIENT = { name: "muster-web", version: "0.1.0" };
/** A class comes back from a restart, or a busy server, spread over about this time. */
const COME_BACK_MS = 3_000;
/** The server commits a leave in a few ms; who waits for it longer than this leaves all the same. */
const FAREWELL_MS = 4_000;

export interface LiveRoomOptions {
  readonly store: RoomStore;
  readonly own: Pick<OwnMedia, "announcement" | "tracks" | "set" | "setScreen" | "pushToTalk">;
  readonly token: string;
  readonly tab: string;
  readonly iceServers: readonly RTCIceServer[];
  notice(body: NoticeBody): void;
  /** The stay is over, and not by `leave`; the object is of no more use. */
  over(phase: Extract<Phase, { name: "moved" | "ended" | "removed" | "refused" }>): void;
  readonly makePeer?: PeerMaker;
  makeSignaling?(...made: ConstructorParameters<typeof SignalingClient>): Signaling;
}

export type Signaling = Pick<SignalingClient, keyof SignalingClient>;

export class LiveRoom {
  readonly #options: LiveRoomOptions;
  readonly #signaling: Signaling;
  readonly #media: MediaLink;
  readonly #requests: RoomRequests;
  readonly #follower: RoomFollower;
  #participant: ParticipantId | null = null;
  #disturbed = false;
  #attempt = 0;
  #draining = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: LiveRoomOptions) {
    this.#options = options;
    this.#requests = new RoomRequests(
      (...request) => this.#signaling.request(...request),
      (body) => this.#notice(body),
    );
    this.#follower = new RoomFollower(options.store, () => this.#sync());
    this.#media = new MediaLink(options.iceServers, this.#mediaHandlers(), options.makePeer);
    const make = options.makeSignaling ?? ((...made) => new SignalingClient(...made));
    this.#signaling = make({ token: options.token, tab: options.tab }, this.#events(), {
      connected: () => void this.#join(),
      interrupted: () => this.#interrupted(),
      attempting: (attempt) => this.#interrupted(attempt),
      refused: (code) => this.#refused(code),
    });
    this.#signaling.connect();
  }

  publish(source: Source, track: MediaStreamTrack | null): void {
    this.#media.publish(source, track);
  }

  announce(on: Readonly<Record<Source, boolean>>): void {
    this.#requests.announce(on);
  }

  setHand(raised: boolean): void {
    this.#requests.setHand(raised);
  }

  setView(tiles: readonly TileView[]): void {
    this.#requests.setView(tiles);
  }

  moderate(moderation: Moderation): void {
    this.#requests.moderate(moderation);
  }

  /** What is broken is tried now: the connection to the server, or else that of the media. */
  retryNow(): void {
    if (!this.#signaling.connected) this.#signaling.retry();
    else if (this.#media.agreed) this.#media.restartIce();
    else if (this.#requests.joined) void this.#openMedia();
  }

  /** Over at once for the person. Resolves when the server knows, or cannot be told, and the socket is closed. */
  async leave(): Promise<void> {
    if (this.#closed) return;
    this.#stop();
    // Events are answered in order: a join that is on its way is committed before this leave.
    await this.#signaling.request("leave", {}, FAREWELL_MS);
    this.#signaling.close();
  }

  async #join(): Promise<void> {
    clearTimeout(this.#retry);
    const on = this.#options.own.announcement;
    const reply = await this.#signaling.request("join", {
      client: CLIENT,
      media: { mic: on.mic, camera: on.camera },
    });
    if (this.#closed) return;
    if (!reply.ok) {
      // A connection that broke again joins again by itself.
      if (reply.code === "unreachable") return;
      // A link that drops often joins often: it keeps its place and waits its turn.
      if (reply.code !== "rate_limited" && reply.retryAfterS === null) return this.#refuse(reply.code);
      this.#interrupted(this.#attempt + 1);
      this.#retry = setTimeout(() => void this.#join(), (reply.retryAfterS ?? 3) * 1_000);
      return;
    }
    const snapshot = reply.value.state;
    const same = this.#participant === snapshot.you.participant;
    const spoke = same && this.#options.own.announcement.mic && this.#micAsTold();
    if (this.#participant !== null && this.#attempt > 0) this.#notice({ kind: "reconnected" });
    this.#participant = snapshot.you.participant;
    this.#requests.joined = true;
    this.#attempt = 0;
    this.#draining = false;
    this.#follower.state(snapshot);
    // Muted while the connection was away: nobody told us then, and what is announced now must not undo it.
    if (spoke && !this.#micAsTold()) this.#muted("mic", null);
    this.#keepToRole(snapshot);
    // Not `on`: a switch may have been pressed while the join was on its way.
    this.#requests.announce(this.#options.own.announcement);
    if (same && this.#media.agreed) this.#carry();
    else await this.#openMedia();
  }

  async #openMedia(): Promise<void> {
    if (this.#options.store.getState().phase.name === "connecting") {
      this.#setPhase({ name: "connecting", step: "media" });
    }
    await this.#media.open();
  }

  #mediaHandlers(): ConstructorParameters<typeof MediaLink>[1] {
    const { store, own } = this.#options;
    return {
      offer: async (sdp, sections) => {
        const reply = await this.#signaling.request("offer", { sdp, sections });
        if (reply.ok) return { ok: true, sdp: reply.value.sdp };
        return { ok: false, problem: reply.code === "offer_refused" ? "refused" : "unreachable" };
      },
      tracks: () => own.tracks(),
      agreed: () => this.#carry(),
      flowing: (flowing) => this.#flowing(flowing),
      showing: ({ pictures, sounds }) =>
        store.setState((state) => ({ ...picturesChanged(state, pictures), sounds })),
      cleared: () => {
        this.#disturbed = false;
        store.setState({ pictures: new Map(), sounds: [] });
      },
      unsupported: () => this.#refuse("browser_unsupported"),
    };
  }

  #events(): EventHandlers {
    const { store } = this.#options;
    return {
      state: (snapshot) => this.#follower.state(snapshot),
      participant: ({ version, participant }) => this.#follower.changed(version, participant),
      left: ({ version, participant }) => this.#follower.left(version, participant),
      speaking: ({ participants }) => store.setState(speakingChanged(participants)),
      slots: ({ slots }) => this.#media.changeSlots(slots),
      encodings: ({ source, active }) => this.#media.setEncodings(source, active),
      quality: ({ participants }) => store.setState((state) => qualityChanged(state, participants)),
      muted: ({ source, by }) => this.#muted(source, by),
      lowered: ({ by }) => this.#notice({ kind: "hand_lowered_by", name: by ?? "" }),
      removed: ({ by }) => this.#over({ name: "removed", by }),
      ended: ({ by }) => this.#over({ name: "ended", by }),
      restart_ice: () => this.#media.restartIce(),
      renew_media: () => void this.#openMedia(),
      // Two tabs of one person would take the media from each other for ever: this one rests until it is asked.
      moved: () => this.#over({ name: "moved" }),
      draining: () => {
        this.#draining = true;
      },
    };
  }

  #muted(source: Source, by: string | null): void {
    const { own } = this.#options;
    if (source === "screen") void own.setScreen(false);
    else void own.set(source, false);
    // The key may be held down at this moment: it opens the microphone again when it is pressed anew.
    if (source === "mic") void own.pushToTalk(false);
    this.#notice({ kind: "muted_by", name: by ?? "" });
  }

  /** The server's word, not our wish. */
  #micAsTold(): boolean {
    const me = this.#participant;
    return me !== null && this.#options.store.getState().participants.get(me)?.mic === true;
  }

  /** An invitation tells the role only now: the preview may have opened what it must not publish. */
  #keepToRole({ you }: RoomSnapshot): void {
    const { own } = this.#options;
    for (const source of ["mic", "camera"] as const)
      if (own.announcement[source] && !you.may.includes(`publish_${source}`)) void own.set(source, false);
  }

  async #sync(): Promise<RoomSnapshot | null> {
    const reply = await this.#signaling.request("sync", {});
    return reply.ok && !this.#closed ? reply.value.state : null;
  }

  #interrupted(attempt = 1): void {
    if (this.#closed) return;
    this.#requests.joined = false;
    this.#attempt = attempt;
    if (this.#options.store.getState().phase.name !== "connecting") this.#away(attempt);
  }

  #refused(code: string): void {
    // Who was in the class keeps his place while the server is busy; who only wants in is told.
    const busy = code === "rate_limited" && this.#participant !== null;
    if (code !== "draining" && !busy) {
      this.#refuse(code);
      return;
    }
    if (code === "draining") this.#draining = true;
    this.#interrupted(this.#attempt + 1);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#signaling.retry(), COME_BACK_MS * (0.5 + Math.random()));
  }

  /** The media are agreed on, anew or still. */
  #carry(): void {
    if (!this.#requests.joined) return;
    this.#requests.repeatView();
    this.#toRoom();
  }

  #flowing(flowing: boolean): void {
    this.#disturbed = !flowing;
    if (flowing) this.#toRoom();
    else if (this.#options.store.getState().phase.name !== "reconnecting") this.#away(1);
  }

  /** As soon as both the server and the media are with us. */
  #toRoom(): void {
    if (this.#requests.joined && this.#media.agreed && !this.#disturbed) this.#setPhase({ name: "room" });
  }

  #away(attempt: number): void {
    this.#setPhase({ name: "reconnecting", attempt, reason: this.#draining ? "server_restart" : "network" });
  }

  #notice(body: NoticeBody): void {
    if (!this.#closed) this.#options.notice(body);
  }

  #setPhase(phase: Phase): void {
    if (!this.#closed) this.#options.store.setState(phaseChanged(phase));
  }

  #refuse(code: string): void {
    this.#over({ name: "refused", code: asRefusal(code), retryAfterS: null });
  }

  #over(phase: Parameters<LiveRoomOptions["over"]>[0]): void {
    if (this.#closed) return;
    this.#stop();
    this.#signaling.close();
    this.#options.over(phase);
  }

  /** From here on nothing that was under way reaches the store. */
  #stop(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#signaling.silence();
    this.#media.close();
    this.#options.store.setState({ speaking: [] });
  }
}
