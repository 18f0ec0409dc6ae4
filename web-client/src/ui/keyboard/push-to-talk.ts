/** Space held = microphone open. A short touch of the bar by mistake opens nothing. */

/** As long as a keyboard bounces, and as short as nobody loses a syllable. */
const DEBOUNCE_MS = 50;

export interface Clock {
  readonly later: (run: () => void, ms: number) => () => void;
}

export class PushToTalk {
  readonly #clock: Clock;
  readonly #change: (held: boolean) => void;
  #cancel: (() => void) | null = null;
  #open = false;

  constructor(change: (held: boolean) => void, clock: Clock = realClock) {
    this.#change = change;
    this.#clock = clock;
  }

  /** Repeats while a key is held: only the first counts. */
  press(): void {
    if (this.#open || this.#cancel) return;
    this.#cancel = this.#clock.later(() => {
      this.#cancel = null;
      this.#open = true;
      this.#change(true);
    }, DEBOUNCE_MS);
  }

  /** Also when the window loses the focus: then no key-up ever comes. */
  release(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (!this.#open) return;
    this.#open = false;
    this.#change(false);
  }
}

const realClock: Clock = {
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
