/** Level of the own microphone for the meters, read from the track without playing it. */

const PERIOD_MS = 50;
/** Speech into a laptop has an RMS of about -40 to -15 dBFS; below this nothing is shown. */
const FLOOR_DB = -55;
const CEILING_DB = -12;

export class MicMeter {
  readonly #listeners = new Set<(level: number) => void>();
  #context: AudioContext | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #track: MediaStreamTrack | null = null;

  listen(listener: (level: number) => void): () => void {
    this.#listeners.add(listener);
    this.#restart();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  setTrack(track: MediaStreamTrack | null): void {
    this.#track = track;
    this.#restart();
  }

  /** Gives the sound system back; a later track starts anew. */
  close(): void {
    this.#track = null;
    this.#stop();
    void this.#context?.close();
    this.#context = null;
  }

  #restart(): void {
    this.#stop();
    if (!this.#track || this.#listeners.size === 0) return;
    this.#context ??= new AudioContext();
    // Both wait for the sound system, and fail when the context is closed before it answers.
    this.#context.resume().catch(() => {});
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 1024;
    this.#source = this.#context.createMediaStreamSource(new MediaStream([this.#track]));
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const level = levelOf(samples);
      for (const listener of this.#listeners) listener(level);
    }, PERIOD_MS);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#source?.disconnect();
    this.#source = null;
    // An idle context computes silence for the length of a class.
    this.#context?.suspend().catch(() => {});
    for (const listener of this.#listeners) listener(0);
  }
}

/** RMS of samples in -1..1 as 0 (floor) to 1 (loud). */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}
