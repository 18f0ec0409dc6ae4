/** How long frames take and on what: kept for the last few thousand, read by the frame-time probe. */

const MOST = 4000;

export interface FrameFigures {
  readonly frames: number;
  /** Milliseconds of script in a frame: tiles and base, live layer, all. */
  readonly base: { readonly p50: number; readonly p95: number };
  readonly live: { readonly p50: number; readonly p95: number };
  readonly script: { readonly p50: number; readonly p95: number; readonly max: number };
  /** From one frame to the next while frames follow each other. */
  readonly interval: { readonly p50: number; readonly p95: number; readonly max: number };
}

export class FrameMeter {
  #base: number[] = [];
  #live: number[] = [];
  #script: number[] = [];
  #interval: number[] = [];
  #lastAt = 0;

  add(frameAt: number, startedAt: number, baseAt: number, endedAt: number): void {
    if (this.#script.length >= MOST) return;
    this.#base.push(baseAt - startedAt);
    this.#live.push(endedAt - baseAt);
    this.#script.push(endedAt - startedAt);
    if (this.#lastAt > 0 && frameAt - this.#lastAt < 500) this.#interval.push(frameAt - this.#lastAt);
    this.#lastAt = frameAt;
  }

  reset(): void {
    this.#base = [];
    this.#live = [];
    this.#script = [];
    this.#interval = [];
    this.#lastAt = 0;
  }

  figures(): FrameFigures {
    return {
      frames: this.#script.length,
      base: { p50: at(this.#base, 0.5), p95: at(this.#base, 0.95) },
      live: { p50: at(this.#live, 0.5), p95: at(this.#live, 0.95) },
      script: { p50: at(this.#script, 0.5), p95: at(this.#script, 0.95), max: at(this.#script, 1) },
      interval: { p50: at(this.#interval, 0.5), p95: at(this.#interval, 0.95), max: at(this.#interval, 1) },
    };
  }
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
