/** The own microphone and camera: asking, switching, losing. Knows devices, not connections. */
import type { DeviceChoice, DeviceKind, DeviceProblem } from "../state/room-state.ts";

export type CaptureKind = "mic" | "camera";

export interface CaptureHandlers {
  /** A track began, was replaced or ended (`null`). */
  trackChanged(kind: CaptureKind, track: MediaStreamTrack | null): void;
  /** The device went away while it was in use. */
  lost(kind: CaptureKind): void;
  listsChanged(lists: Readonly<Record<DeviceKind, readonly DeviceChoice[]>>): void;
}

/** `overtaken`: a later start or stop of the same kind speaks for the device now. */
export type CaptureResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: DeviceProblem | "overtaken" };

const KINDS = { mic: "audioinput", camera: "videoinput", speaker: "audiooutput" } as const;

export class Capture {
  readonly #handlers: CaptureHandlers;
  readonly #tracks = new Map<CaptureKind, MediaStreamTrack>();
  readonly #wanted = new Map<CaptureKind, string>();
  /** Rises with each start and stop: what the browser grants to an earlier one is given back. */
  readonly #turns = { mic: 0, camera: 0 };

  constructor(handlers: CaptureHandlers) {
    this.#handlers = handlers;
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.refresh());
  }

  track(kind: CaptureKind): MediaStreamTrack | null {
    return this.#tracks.get(kind) ?? null;
  }

  /** The device that `kind` should use from its next start on. */
  prefer(kind: CaptureKind, deviceId: string): void {
    this.#wanted.set(kind, deviceId);
  }

  /** Starts, or restarts with the preferred device. The old track goes on until the new one is there. */
  async start(kind: CaptureKind): Promise<CaptureResult> {
    if (!navigator.mediaDevices) return { ok: false, problem: "insecure" };
    const deviceId = this.#wanted.get(kind);
    const turn = ++this.#turns[kind];
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia(constraints(kind, deviceId));
    } catch (error) {
      if (turn !== this.#turns[kind]) return { ok: false, problem: "overtaken" };
      // A remembered device that is gone must not keep anybody out.
      if (deviceId && isNamed(error, "OverconstrainedError", "NotFoundError")) {
        this.#wanted.delete(kind);
        return this.start(kind);
      }
      return { ok: false, problem: problemOf(error) };
    }
    if (turn !== this.#turns[kind]) {
      for (const late of stream.getTracks()) late.stop();
      return { ok: false, problem: "overtaken" };
    }
    const track = stream.getTracks()[0];
    if (!track) return { ok: false, problem: "missing" };
    const previous = this.#tracks.get(kind);
    this.#tracks.set(kind, track);
    track.addEventListener("ended", () => {
      if (this.#tracks.get(kind) !== track) return;
      this.#tracks.delete(kind);
      this.#handlers.trackChanged(kind, null);
      this.#handlers.lost(kind);
    });
    this.#handlers.trackChanged(kind, track);
    previous?.stop();
    await this.refresh();
    return { ok: true };
  }

  /** Also of a start that still waits for the browser. */
  stop(kind: CaptureKind): void {
    this.#turns[kind]++;
    const track = this.#tracks.get(kind);
    if (!track) return;
    this.#tracks.delete(kind);
    track.stop();
    this.#handlers.trackChanged(kind, null);
  }

  async refresh(): Promise<void> {
    let devices: MediaDeviceInfo[] = [];
    try {
      devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    } catch {
      devices = [];
    }
    const choices = (kind: DeviceKind): DeviceChoice[] =>
      devices
        .filter((device) => device.kind === KINDS[kind] && device.deviceId !== "")
        .map((device) => ({ id: device.deviceId, label: device.label }));
    this.#handlers.listsChanged({
      mic: choices("mic"),
      camera: choices("camera"),
      speaker: choices("speaker"),
    });
  }
}

function constraints(kind: CaptureKind, deviceId: string | undefined): MediaStreamConstraints {
  const device = deviceId ? { deviceId: { exact: deviceId } } : {};
  if (kind === "mic") {
    return {
      audio: {
        ...device,
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        channelCount: 1,
      },
    };
  }
  return {
    video: { ...device, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } },
  };
}

/** What getUserMedia's refusals mean for a person (W3C Media Capture and Streams section 10.2). */
export function problemOf(error: unknown): DeviceProblem {
  if (isNamed(error, "NotAllowedError", "SecurityError")) {
    return error instanceof Error && /dismissed/i.test(error.message) ? "dismissed" : "denied";
  }
  if (isNamed(error, "NotFoundError", "OverconstrainedError")) return "missing";
  if (isNamed(error, "NotReadableError", "AbortError")) return "busy";
  return "failed";
}

function isNamed(error: unknown, ...names: string[]): boolean {
  return typeof error === "object" && error !== null && "name" in error && names.includes(String(error.name));
}
