import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deadline } from "./deadline.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a deadline", () => {
  it("falls due", () => {
    const limit = deadline(new AbortController().signal, 100);
    vi.advanceTimersByTime(99);
    expect(limit.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(limit.signal.aborted).toBe(true);
  });

  it("is given up with its owner, even one that has given up before", () => {
    const owner = new AbortController();
    const limit = deadline(owner.signal, 100);
    owner.abort();
    expect(limit.signal.aborted).toBe(true);
    expect(deadline(owner.signal, 100).signal.aborted).toBe(true);
  });

  it("leaves neither a timer nor a listener when it is done", () => {
    const owner = new AbortController();
    const removed = vi.spyOn(owner.signal, "removeEventListener");
    const limit = deadline(owner.signal, 100);
    limit.done();
    expect(vi.getTimerCount()).toBe(0);
    expect(removed).toHaveBeenCalledOnce();
    owner.abort();
    expect(limit.signal.aborted).toBe(false);
  });
});
