/** A signal that is given up by its owner or falls due, for a browser without AbortSignal.any (Chromium before 116). */

export interface Deadline {
  readonly signal: AbortSignal;
  /** Must be called when the work is done, or the timer and the listener stay. */
  done(): void;
}

export function deadline(owner: AbortSignal, ms: number): Deadline {
  const either = new AbortController();
  const giveUp = () => either.abort();
  const timer = setTimeout(giveUp, ms);
  if (owner.aborted) giveUp();
  owner.addEventListener("abort", giveUp);
  return {
    signal: either.signal,
    done() {
      clearTimeout(timer);
      owner.removeEventListener("abort", giveUp);
    },
  };
}
