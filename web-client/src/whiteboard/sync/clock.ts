/** Time as the board's parts see it; tests push their own by hand. */
export interface Clock {
  /** Milliseconds, only for differences. */
  now(): number;
  /** Returns the way to call it off. */
  later(run: () => void, ms: number): () => void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
