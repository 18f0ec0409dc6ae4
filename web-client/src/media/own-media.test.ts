import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Promised, promised, settled } from "../promised.fixture.ts";
import type { OwnDevice } from "../state/room-state.ts";
import { OwnMedia } from "./own-media.ts";

class FakeTrack extends EventTarget {
  enabled = true;
  contentHint = "";
  readonly stop = vi.fn();
  constructor(readonly name: string) {
    super();
  }
  getSettings() {
    return { deviceId: this.name };
  }
}

class FakeStream {
  constructor(readonly tracks: readonly FakeTrack[]) {}
  getTracks() {
    return this.tracks;
  }
  getVideoTracks() {
    return this.tracks;
  }
}

type Question = Promised<FakeStream>;

function setUp() {
  const devices: Question[] = [];
  const screens: Question[] = [];
  const ask = (questions: Question[]) => () => {
    const question = promised<FakeStream>();
    questions.push(question);
    return question.promise;
  };
  vi.stubGlobal("navigator", {
    mediaDevices: {
      addEventListener: () => {},
      enumerateDevices: async () => [],
      getUserMedia: ask(devices),
      getDisplayMedia: ask(screens),
    },
  });
  const shown: Record<"mic" | "camera" | "screen", Partial<OwnDevice>> = { mic: {}, camera: {}, screen: {} };
  const published: unknown[] = [];
  const notice = vi.fn();
  const own = new OwnMedia({
    changed: (source, change) => {
      shown[source] = { ...shown[source], ...change };
    },
    talking: () => {},
    listed: () => {},
    notice,
    publish: (source, track) => published.push([source, track]),
    announced: () => {},
  });
  return { own, devices, screens, shown, published, notice };
}

/** The browser says yes to a question. */
async function grant(question: Question | undefined, name: string): Promise<FakeTrack> {
  const track = new FakeTrack(name);
  question?.resolve(new FakeStream([track]));
  await settled();
  return track;
}

beforeEach(() => {
  vi.unstubAllGlobals();
  vi.stubGlobal("MediaStream", FakeStream);
});

describe("a device that the browser grants late", () => {
  it.each(["mic", "camera"] as const)("(%s) is given back after the person has left", async (kind) => {
    const { own, devices, shown, published } = setUp();
    void own.set(kind, true);
    expect(shown[kind].starting).toBe(true);
    own.release();
    const track = await grant(devices[0], "late");
    expect(track.stop).toHaveBeenCalledOnce();
    expect(published).not.toContainEqual([kind, track]);
    expect(shown[kind].starting).toBe(false);
  });

  it("is not used when the camera was switched off meanwhile", async () => {
    const { own, devices, shown } = setUp();
    void own.set("camera", true);
    void own.set("camera", false);
    const track = await grant(devices[0], "late");
    expect(track.stop).toHaveBeenCalledOnce();
    expect(shown.camera).toMatchObject({ on: false, starting: false });
  });

  it("does not take the place of the one that was chosen after it", async () => {
    const { own, devices } = setUp();
    void own.set("camera", true);
    await grant(devices[0], "first");
    void own.select("camera", "a");
    void own.select("camera", "b");
    const b = await grant(devices[2], "b");
    const a = await grant(devices[1], "a");
    expect(a.stop).toHaveBeenCalled();
    expect(b.stop).not.toHaveBeenCalled();
    expect(own.tracks().get("camera")).toBe(b);
  });

  it("is refused without a word when nobody wants it any more", async () => {
    const { own, devices, shown } = setUp();
    void own.set("mic", true);
    own.release();
    devices[0]?.reject(Object.assign(new Error(), { name: "NotAllowedError" }));
    await settled();
    expect(shown.mic).toMatchObject({ on: true, starting: false, problem: "none" });
  });
});

describe("a device", () => {
  it("is asked for once, however many wish for it", async () => {
    const { own, devices } = setUp();
    void own.set("camera", true);
    void own.set("camera", true);
    expect(devices).toHaveLength(1);
    await grant(devices[0], "camera");
    expect(own.announcement.camera).toBe(true);
  });

  it("starts again after it was released", async () => {
    const { own, devices, shown } = setUp();
    void own.set("camera", true);
    const first = await grant(devices[0], "first");
    own.release();
    expect(first.stop).toHaveBeenCalledOnce();
    expect(shown.camera).toMatchObject({ on: true, stream: null });
    void own.set("camera", true);
    const second = await grant(devices[1], "second");
    expect(own.tracks().get("camera")).toBe(second);
  });
});

describe("a shared screen", () => {
  it("is not shown as shared after the person has left", async () => {
    const { own, screens, shown } = setUp();
    void own.setScreen(true);
    const track = await grant(screens[0], "window");
    expect(shown.screen.on).toBe(true);
    own.release();
    expect(track.stop).toHaveBeenCalledOnce();
    expect(shown.screen).toMatchObject({ on: false, stream: null });
  });

  it("that is picked after the person has left is given back", async () => {
    const { own, screens, shown, published, notice } = setUp();
    void own.setScreen(true);
    own.release();
    const track = await grant(screens[0], "window");
    expect(track.stop).toHaveBeenCalledOnce();
    expect(published).not.toContainEqual(["screen", track]);
    expect(shown.screen.on).toBe(false);
    expect(notice).not.toHaveBeenCalled();
  });
});
