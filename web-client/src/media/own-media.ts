/** Microphone, camera and screen of this person: what is wanted, what runs, and what goes to the connection. */
import type { Source } from "../protocol/vocabulary.ts";
import type { DeviceChoice, DeviceKind, NoticeBody, OwnDevice } from "../state/room-state.ts";
import { Capture, type CaptureKind, problemOf } from "./capture.ts";
import { MicMeter } from "./mic-meter.ts";

export interface OwnMediaHandlers {
  changed(source: Source, change: Partial<OwnDevice>): void;
  talking(talking: boolean): void;
  listed(kind: DeviceKind, choices: readonly DeviceChoice[], selected: string | null): void;
  notice(notice: NoticeBody): void;
  /** The track of a source that the connection should carry, `null` = none. */
  publish(source: Source, track: MediaStreamTrack | null): void;
  /** What others may be told: the microphone is open, the camera and the screen are on. */
  announced(on: Readonly<Record<Source, boolean>>): void;
}

export class OwnMedia {
  readonly #handlers: OwnMediaHandlers;
  readonly #capture: Capture;
  readonly #meter = new MicMeter();
  readonly #on: Record<Source, boolean> = { mic: false, camera: false, screen: false };
  readonly #selected = new Map<DeviceKind, string>();
  #lists: Readonly<Record<DeviceKind, readonly DeviceChoice[]>> = { mic: [], camera: [], speaker: [] };
  #talking = false;
  #screen: MediaStreamTrack | null = null;
  /** Rises when the screen is asked for or given up: a picker that is answered later shares nothing. */
  #screenTurn = 0;
  readonly #starting = new Map<CaptureKind, Promise<void>>();

  constructor(handlers: OwnMediaHandlers) {
    this.#handlers = handlers;
    this.#capture = new Capture({
      trackChanged: (kind, track) => this.#trackChanged(kind, track),
      lost: (kind) => this.#lost(kind),
      listsChanged: (lists) => {
        this.#lists = lists;
        this.#tellLists();
      },
    });
  }

  /** What runs now, for a new connection. */
  tracks(): ReadonlyMap<Source, MediaStreamTrack | null> {
    return new Map<Source, MediaStreamTrack | null>([
      ["mic", this.#capture.track("mic")],
      ["camera", this.#capture.track("camera")],
      ["screen", this.#screen],
    ]);
  }

  get announcement(): Readonly<Record<Source, boolean>> {
    return {
      mic: (this.#on.mic || this.#talking) && this.#capture.track("mic") !== null,
      camera: this.#on.camera && this.#capture.track("camera") !== null,
      screen: this.#screen !== null,
    };
  }

  onLevel(listener: (level: number) => void): () => void {
    return this.#meter.listen(listener);
  }

  async set(kind: CaptureKind, on: boolean): Promise<void> {
    this.#on[kind] = on;
    this.#handlers.changed(kind, { on });
    if (on) await this.#ensure(kind);
    else if (kind === "camera") this.#stop("camera");
    this.#gateMic();
    this.#announce();
  }

  /** Space bar: the track must run already, or the first word is lost to the device's start. */
  async pushToTalk(held: boolean): Promise<void> {
    if (held === this.#talking) return;
    this.#talking = held;
    this.#handlers.talking(held);
    if (held) await this.#ensure("mic");
    this.#gateMic();
    this.#announce();
  }

  /** Must run inside a click. */
  async setScreen(on: boolean): Promise<void> {
    if (!on) {
      this.#endScreen();
      return;
    }
    if (this.#screen) return;
    const turn = ++this.#screenTurn;
    this.#handlers.changed("screen", { on: true, starting: true, problem: "none" });
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({
        video: { frameRate: { ideal: 15, max: 30 } },
        audio: false,
      });
      const track = stream.getVideoTracks()[0] ?? null;
      if (turn !== this.#screenTurn) {
        track?.stop();
        return;
      }
      if (track) {
        track.contentHint = "detail";
        track.addEventListener("ended", () => {
          if (this.#screen !== track) return;
          this.#endScreen();
          this.#handlers.notice({ kind: "screen_stopped" });
        });
      }
      this.#screen = track;
      this.#handlers.changed("screen", { on: track !== null, starting: false, stream });
      this.#handlers.publish("screen", track);
    } catch (error) {
      if (turn !== this.#screenTurn) return;
      this.#handlers.changed("screen", { on: false, starting: false, problem: problemOf(error) });
      this.#handlers.notice({ kind: "screen_refused" });
    }
    this.#announce();
  }

  async select(kind: DeviceKind, id: string): Promise<void> {
    this.#selected.set(kind, id);
    this.#tellLists();
    if (kind === "speaker") return;
    this.#capture.prefer(kind, id);
    if (this.#capture.track(kind)) {
      const result = await this.#capture.start(kind);
      if (!result.ok && result.problem !== "overtaken")
        this.#handlers.notice({ kind: "device_failed", device: kind, problem: result.problem });
      this.#gateMic();
    }
  }

  async list(): Promise<void> {
    await this.#capture.refresh();
  }

  /** Gives every device back, also one that the browser is still asking about. What was on is remembered. */
  release(): void {
    this.#stop("mic");
    this.#stop("camera");
    this.#endScreen();
    this.#meter.close();
  }

  #stop(kind: CaptureKind): void {
    this.#capture.stop(kind);
    if (this.#starting.delete(kind)) this.#handlers.changed(kind, { starting: false });
  }

  /** One question to the browser at a time: a second wish waits for the same answer. */
  #ensure(kind: CaptureKind): Promise<void> {
    if (this.#capture.track(kind)) return Promise.resolve();
    const known = this.#starting.get(kind);
    if (known) return known;
    const starting = this.#start(kind).finally(() => {
      if (this.#starting.get(kind) === starting) this.#starting.delete(kind);
    });
    this.#starting.set(kind, starting);
    return starting;
  }

  async #start(kind: CaptureKind): Promise<void> {
    this.#handlers.changed(kind, { starting: true, problem: "none" });
    const result = await this.#capture.start(kind);
    if (result.ok) this.#handlers.changed(kind, { starting: false, problem: "none" });
    else if (result.problem !== "overtaken") {
      this.#on[kind] = false;
      this.#handlers.changed(kind, { on: false, starting: false, problem: result.problem });
    }
  }

  #trackChanged(kind: CaptureKind, track: MediaStreamTrack | null): void {
    if (kind === "mic") {
      this.#meter.setTrack(track);
      this.#gateMic();
    }
    this.#handlers.changed(kind, { stream: track && new MediaStream([track]) });
    this.#handlers.publish(kind, track);
    this.#tellLists();
  }

  #lost(kind: CaptureKind): void {
    const wasOn = this.#on[kind];
    this.#on[kind] = false;
    this.#handlers.changed(kind, { on: false, stream: null });
    if (wasOn) this.#handlers.notice({ kind: "device_lost", device: kind });
    this.#announce();
  }

  #endScreen(): void {
    this.#screenTurn++;
    this.#screen?.stop();
    this.#screen = null;
    this.#handlers.changed("screen", { on: false, starting: false, stream: null });
    this.#handlers.publish("screen", null);
    this.#announce();
  }

  /** A closed microphone sends silence, which the server drops; opening it costs nothing. */
  #gateMic(): void {
    const track = this.#capture.track("mic");
    if (track) track.enabled = this.#on.mic || this.#talking;
  }

  #announce(): void {
    this.#handlers.announced(this.announcement);
  }

  #tellLists(): void {
    for (const kind of ["mic", "camera", "speaker"] as const) {
      const running = kind === "speaker" ? undefined : this.#capture.track(kind)?.getSettings().deviceId;
      const choices = this.#lists[kind];
      const selected = running ?? this.#selected.get(kind) ?? choices[0]?.id ?? null;
      this.#handlers.listed(kind, choices, selected);
    }
  }
}
