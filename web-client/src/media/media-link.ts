/** The media half of a stay: one peer after another until one carries, and what its slots show. */
import type { SlotChange } from "../protocol/messages.ts";
import type { Source } from "../protocol/vocabulary.ts";
import { MediaPeer, type OfferedSection } from "./media-peer.ts";
import { type BoardChange, SlotBoard } from "./slot-board.ts";

/** A refused or failed set-up is tried again after this. */
export const MEDIA_RETRY_MS = 3_000;
/** Offers that the server may refuse in a row before the page says so. */
const OFFERS_MAX = 2;

/** `refused`: the server will not take such an offer; `unreachable`: not now. */
export type Answer =
  | { readonly ok: true; readonly sdp: string }
  | { readonly ok: false; readonly problem: "refused" | "unreachable" };

export interface MediaLinkHandlers {
  offer(sdp: string, sections: readonly OfferedSection[]): Promise<Answer>;
  /** What a new peer carries from its start. */
  tracks(): ReadonlyMap<Source, MediaStreamTrack | null>;
  /** The server has answered a new peer's offer. */
  agreed(): void;
  /** Media flow, or do not any more. */
  flowing(flowing: boolean): void;
  showing(change: BoardChange): void;
  /** The peer is gone, and every picture and sound with it. */
  cleared(): void;
  /** The same browser makes the same offer again: what is refused for good is said, not repeated for ever. */
  unsupported(): void;
}

export type Peer = Pick<MediaPeer, keyof MediaPeer>;
export type PeerMaker = (...made: ConstructorParameters<typeof MediaPeer>) => Peer;

const realPeer: PeerMaker = (...made) => new MediaPeer(...made);

export class MediaLink {
  readonly #iceServers: readonly RTCIceServer[];
  readonly #handlers: MediaLinkHandlers;
  readonly #makePeer: PeerMaker;
  #peer: Peer | null = null;
  #board: SlotBoard | null = null;
  #agreed = false;
  /** Slots may be told before our answer has given the sections their mids. */
  #early: SlotChange[] = [];
  #refused = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    iceServers: readonly RTCIceServer[],
    handlers: MediaLinkHandlers,
    makePeer: PeerMaker = realPeer,
  ) {
    this.#iceServers = iceServers;
    this.#handlers = handlers;
    this.#makePeer = makePeer;
  }

  /** A peer is agreed on with the server and can be taken up again. */
  get agreed(): boolean {
    return this.#agreed;
  }

  /** Makes a new peer in the place of the one there is. */
  async open(): Promise<void> {
    this.close();
    const peer = this.#makePeer(this.#iceServers, {
      negotiate: (sdp, sections, signal) => this.#negotiate(sdp, sections, signal),
      flowing: (flowing) => this.#handlers.flowing(flowing),
      failed: () => void this.open(),
    });
    this.#peer = peer;
    this.#board = new SlotBoard(peer);
    await Promise.all([...this.#handlers.tracks()].map(([source, track]) => peer.publish(source, track)));
    const agreed = await peer.start();
    if (this.#peer !== peer) return;
    if (!agreed) {
      if (this.#refused >= OFFERS_MAX) this.#handlers.unsupported();
      else this.#retry = setTimeout(() => void this.open(), MEDIA_RETRY_MS);
      return;
    }
    this.#agreed = true;
    this.changeSlots(this.#early.splice(0));
    this.#handlers.agreed();
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#peer?.close();
    this.#peer = null;
    this.#board = null;
    this.#agreed = false;
    this.#early = [];
    this.#handlers.cleared();
  }

  publish(source: Source, track: MediaStreamTrack | null): void {
    void this.#peer?.publish(source, track);
  }

  setEncodings(source: Source, active: readonly boolean[]): void {
    void this.#peer?.setEncodings(source, active);
  }

  restartIce(): void {
    void this.#peer?.restartIce();
  }

  changeSlots(changes: readonly SlotChange[]): void {
    if (!this.#board || !this.#peer?.soundMids().length) this.#early.push(...changes);
    else this.#handlers.showing(this.#board.apply(changes));
  }

  async #negotiate(
    sdp: string,
    sections: readonly OfferedSection[],
    signal: AbortSignal,
  ): Promise<string | null> {
    const answer = await this.#handlers.offer(sdp, sections);
    if (signal.aborted) return null;
    this.#refused = !answer.ok && answer.problem === "refused" ? this.#refused + 1 : 0;
    return answer.ok ? answer.sdp : null;
  }
}
