import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MicMeter } from "./mic-meter.ts";

const contexts: FakeContext[] = [];

class FakeContext {
  running = false;
  closed = false;
  readonly resume = vi.fn(async () => {
    this.running = true;
  });
  readonly suspend = vi.fn(async () => {
    this.running = false;
  });
  readonly close = vi.fn(async () => {
    this.closed = true;
  });
  constructor() {
    contexts.push(this);
  }
  createAnalyser() {
    return { fftSize: 0, getFloatTimeDomainData: (samples: Float32Array) => samples.fill(0.5) };
  }
  createMediaStreamSource() {
    return { connect: () => {}, disconnect: () => {} };
  }
}

const track = {} as MediaStreamTrack;

beforeEach(() => {
  contexts.length = 0;
  vi.useFakeTimers();
  vi.stubGlobal("AudioContext", FakeContext);
  vi.stubGlobal("MediaStream", class {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the microphone's meter", () => {
  it("tells the level while somebody listens, and computes nothing for the rest of the class", () => {
    const meter = new MicMeter();
    const heard = vi.fn();
    meter.setTrack(track);
    expect(contexts).toHaveLength(0);
    const stop = meter.listen(heard);
    vi.advanceTimersByTime(200);
    expect(heard).toHaveBeenLastCalledWith(1);
    expect(contexts[0]?.running).toBe(true);
    stop();
    expect(contexts[0]?.running).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives the sound system back with the devices, and starts anew with the next track", () => {
    const meter = new MicMeter();
    const heard = vi.fn();
    meter.listen(heard);
    meter.setTrack(track);
    meter.close();
    expect(contexts[0]?.closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    meter.setTrack(track);
    vi.advanceTimersByTime(200);
    expect(heard).toHaveBeenLastCalledWith(1);
    expect(contexts).toHaveLength(2);
  });
});
