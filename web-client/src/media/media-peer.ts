/** One RTCPeerConnection to the server: offers once, publishes by replaceTrack, receives on fixed slots, restarts ICE. */
import {
  CAMERA_ENCODINGS,
  forwardable,
  PUBLISHED,
  type PublishedUse,
  RECEIVED,
  SCREEN_ENCODING,
  type SectionUse,
} from "./sections.ts";

export interface OfferedSection {
  readonly mid: string;
  readonly use: SectionUse;
}

export interface MediaPeerHandlers {
  /** Sends an offer to the server; null = refused or unreachable. */
  negotiate(sdp: string, sections: readonly OfferedSection[], signal: AbortSignal): Promise<string | null>;
  /** Media flows, or does not any more. */
  flowing(flowing: boolean): void;
  /** Nothing helped: make a new peer. */
  failed(): void;
}

/** A path that is only disturbed often heals by itself; longer than this and we look for another. */
const DISTURBED_MS = 1_500;
/** An ICE restart that brings nothing within this time is given up for a new peer. */
const RESTART_MS = 8_000;

export class MediaPeer {
  readonly #pc: RTCPeerConnection;
  readonly #handlers: MediaPeerHandlers;
  readonly #published = new Map<PublishedUse, RTCRtpTransceiver>();
  readonly #received: { readonly use: SectionUse; readonly transceiver: RTCRtpTransceiver }[] = [];
  readonly #streams = new Map<string, MediaStream>();
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #negotiating: Promise<boolean> | null = null;

  constructor(iceServers: readonly RTCIceServer[], handlers: MediaPeerHandlers) {
    this.#handlers = handlers;
    this.#pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [...iceServers] });
    this.#pc.addEventListener("connectionstatechange", () => this.#stateChanged());
    this.#pc.addEventListener("iceconnectionstatechange", () => this.#stateChanged());
    for (const use of PUBLISHED) this.#published.set(use, this.#addPublished(use));
    for (const use of RECEIVED) {
      const kind = use === "audio" || use === "interpretation" ? "audio" : "video";
      const transceiver = this.#pc.addTransceiver(kind, { direction: "recvonly" });
      preferForwardable(transceiver, kind);
      this.#received.push({ use, transceiver });
    }
  }

  /** The first offer. False when the server refused it or could not be reached. */
  start(): Promise<boolean> {
    return this.#negotiate(false);
  }

  /** Looks for a new path with new credentials; the old one carries on until then. */
  async restartIce(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    this.#arm(RESTART_MS, () => this.#handlers.failed());
    await this.#negotiate(true);
  }

  /** Publishes a track, or nothing. Never renegotiates. */
  async publish(use: PublishedUse, track: MediaStreamTrack | null): Promise<void> {
    try {
      await this.#published.get(use)?.sender.replaceTrack(track);
    } catch {
      // The peer was closed meanwhile; the next one is given the track at its start.
    }
  }

  /** Switches encodings off which nobody watches, lowest first. */
  async setEncodings(use: PublishedUse, active: readonly boolean[]): Promise<void> {
    const sender = this.#published.get(use)?.sender;
    if (!sender) return;
    const parameters = sender.getParameters();
    for (const [index, encoding] of parameters.encodings.entries()) encoding.active = active[index] ?? true;
    try {
      await sender.setParameters(parameters);
    } catch {
      // Parameters of a closed or a not yet negotiated sender; the server says it again.
    }
  }

  /** What arrives on a slot, by its mid. One stream a slot for the life of the peer. */
  stream(mid: string): MediaStream | null {
    const known = this.#streams.get(mid);
    if (known) return known;
    const section = this.#received.find((entry) => entry.transceiver.mid === mid);
    if (!section) return null;
    const stream = new MediaStream([section.transceiver.receiver.track]);
    this.#streams.set(mid, stream);
    return stream;
  }

  use(mid: string): SectionUse | null {
    return this.#received.find((entry) => entry.transceiver.mid === mid)?.use ?? null;
  }

  /** Mids of the sound slots, in order. */
  soundMids(): string[] {
    return this.#received
      .filter((entry) => entry.use === "audio" || entry.use === "interpretation")
      .flatMap((entry) => entry.transceiver.mid ?? []);
  }

  close(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
    this.#pc.close();
  }

  #addPublished(use: PublishedUse): RTCRtpTransceiver {
    if (use === "mic") return this.#pc.addTransceiver("audio", { direction: "sendonly" });
    const sendEncodings =
      use === "camera" ? CAMERA_ENCODINGS.map((encoding) => ({ ...encoding })) : [{ ...SCREEN_ENCODING }];
    const transceiver = this.#pc.addTransceiver("video", { direction: "sendonly", sendEncodings });
    preferForwardable(transceiver, "video");
    return transceiver;
  }

  #negotiate(iceRestart: boolean): Promise<boolean> {
    const turn = (this.#negotiating ?? Promise.resolve(true)).then(() => this.#offer(iceRestart));
    this.#negotiating = turn;
    return turn;
  }

  async #offer(iceRestart: boolean): Promise<boolean> {
    const signal = this.#abort.signal;
    if (signal.aborted) return false;
    try {
      await this.#pc.setLocalDescription(await this.#pc.createOffer({ iceRestart }));
      const sdp = this.#pc.localDescription?.sdp;
      if (!sdp) return false;
      // The server is ICE-lite and learns our candidates from our checks: nothing to wait for.
      const answer = await this.#handlers.negotiate(sdp, this.#sections(), signal);
      if (signal.aborted) return false;
      if (answer === null) {
        await this.#pc.setLocalDescription({ type: "rollback" });
        return false;
      }
      await this.#pc.setRemoteDescription({ type: "answer", sdp: answer });
      return true;
    } catch {
      return false;
    }
  }

  #sections(): OfferedSection[] {
    const published = PUBLISHED.map((use) => ({ use, transceiver: this.#published.get(use) }));
    return [...published, ...this.#received].flatMap(({ use, transceiver }) =>
      transceiver?.mid ? [{ mid: transceiver.mid, use }] : [],
    );
  }

  #stateChanged(): void {
    if (this.#abort.signal.aborted) return;
    const ice = this.#pc.iceConnectionState;
    if (this.#pc.connectionState === "failed" && ice !== "failed") {
      this.#handlers.failed();
    } else if (this.#pc.connectionState === "connected" && (ice === "connected" || ice === "completed")) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#handlers.flowing(true);
    } else if (ice === "failed") {
      this.#handlers.flowing(false);
      void this.restartIce();
    } else if (ice === "disconnected" && this.#timer === undefined) {
      this.#handlers.flowing(false);
      this.#arm(DISTURBED_MS, () => void this.restartIce());
    }
  }

  #arm(afterMs: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      action();
    }, afterMs);
  }
}

function preferForwardable(transceiver: RTCRtpTransceiver, kind: "audio" | "video"): void {
  if (kind === "audio" || !("setCodecPreferences" in transceiver)) return;
  const codecs = forwardable(RTCRtpReceiver.getCapabilities("video")?.codecs ?? []);
  if (codecs.length > 0) transceiver.setCodecPreferences(codecs);
}
