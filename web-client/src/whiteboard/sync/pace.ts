/** How fast updates may leave this connection: a little below the server's limits (docs/protocol.md section 3.6). */
import type { Clock } from "./clock.ts";

interface Bucket {
  readonly perSecond: number;
  readonly burst: number;
}

const COUNT: Bucket = { perSecond: 50, burst: 150 };
const BYTES: Bucket = { perSecond: 32_000, burst: 384_000 };

export class Pace {
  readonly #clock: Clock;
  readonly #resume: () => void;
  #count = COUNT.burst;
  #bytes = BYTES.burst;
  #at: number;
  #waiting = false;
  #stop: () => void = () => {};

  /** `resume` is called when something that was held back may go. */
  constructor(clock: Clock, resume: () => void) {
    this.#clock = clock;
    this.#at = clock.now();
    this.#resume = resume;
  }

  take(bytes: number): boolean {
    this.#fill();
    if (this.#count < 1 || this.#bytes < Math.min(bytes, BYTES.burst)) {
      this.#wait(bytes);
      return false;
    }
    this.#count -= 1;
    this.#bytes -= bytes;
    return true;
  }

  close(): void {
    this.#stop();
  }

  #fill(): void {
    const now = this.#clock.now();
    const seconds = (now - this.#at) / 1_000;
    this.#at = now;
    this.#count = Math.min(COUNT.burst, this.#count + seconds * COUNT.perSecond);
    this.#bytes = Math.min(BYTES.burst, this.#bytes + seconds * BYTES.perSecond);
  }

  #wait(bytes: number): void {
    if (this.#waiting) return;
    this.#waiting = true;
    const seconds = Math.max(
      (1 - this.#count) / COUNT.perSecond,
      (Math.min(bytes, BYTES.burst) - this.#bytes) / BYTES.perSecond,
      0.02,
    );
    this.#stop = this.#clock.later(() => {
      this.#waiting = false;
      this.#resume();
    }, seconds * 1_000);
  }
}
