import { describe, expect, it } from "vitest";
import { problemOf } from "./capture.ts";
import { levelOf } from "./mic-meter.ts";
import { verdictOf } from "./network-check.ts";
import { AUDIO_SLOTS, forwardable, RECEIVED, VIDEO_SLOTS } from "./sections.ts";

const codec = (mimeType: string, sdpFmtpLine?: string): RTCRtpCodec => ({
  mimeType,
  clockRate: 90_000,
  ...(sdpFmtpLine ? { sdpFmtpLine } : {}),
});

describe("the sections of the offer", () => {
  it("are three sounds, an interpretation, nine pictures and a screen", () => {
    expect(RECEIVED).toHaveLength(AUDIO_SLOTS + 1 + VIDEO_SLOTS + 1);
    expect(RECEIVED.at(-1)).toBe("screen_view");
  });

  it("put VP8 first and leave out what the server cannot forward", () => {
    const offered = [
      codec("video/rtx"),
      codec("video/H264", "packetization-mode=0"),
      codec("video/H264", "packetization-mode=1;profile-level-id=42e01f"),
      codec("video/VP9", "profile-id=2"),
      codec("video/VP9", "profile-id=0"),
      codec("video/AV1"),
      codec("video/ulpfec"),
      codec("video/VP8"),
    ];
    expect(forwardable(offered).map((entry) => entry.mimeType)).toEqual([
      "video/VP8",
      "video/VP9",
      "video/H264",
      "video/rtx",
    ]);
  });
});

describe("the network verdict", () => {
  const good = { roundTripMs: 40, downlinkKbps: 8_000, socket: true, online: true };
  it.each([
    [good, "good"],
    [{ ...good, roundTripMs: 300 }, "fair"],
    [{ ...good, downlinkKbps: 900 }, "fair"],
    [{ ...good, downlinkKbps: 120 }, "poor"],
    [{ ...good, roundTripMs: 700 }, "poor"],
    [{ ...good, downlinkKbps: null }, "good"],
    [{ ...good, socket: false }, "blocked"],
    [{ ...good, roundTripMs: null }, "offline"],
    [{ ...good, online: false }, "offline"],
  ] as const)("of %o is %s", (facts, verdict) => {
    expect(verdictOf(facts)).toBe(verdict);
  });
});

describe("the microphone's level", () => {
  it("is nothing for silence and full for a loud voice", () => {
    expect(levelOf(new Float32Array(512))).toBe(0);
    expect(levelOf(new Float32Array(512).fill(0.5))).toBe(1);
  });
});

describe("a refused device", () => {
  const error = (name: string, message = "") => Object.assign(new Error(message), { name });
  it.each([
    [error("NotAllowedError"), "denied"],
    [error("NotAllowedError", "Permission dismissed"), "dismissed"],
    [error("NotFoundError"), "missing"],
    [error("NotReadableError"), "busy"],
    ["nonsense", "failed"],
  ] as const)("%s means %s", (thrown, problem) => {
    expect(problemOf(thrown)).toBe(problem);
  });
});
