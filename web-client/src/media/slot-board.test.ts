import { describe, expect, it } from "vitest";
import type { SlotChange } from "../protocol/messages.ts";
import type { ParticipantId } from "../protocol/vocabulary.ts";
import type { SectionUse } from "./sections.ts";
import { SlotBoard, type Slots } from "./slot-board.ts";

const ana = "ana" as ParticipantId;
const ben = "ben" as ParticipantId;
const uses: Record<string, SectionUse> = {
  "3": "audio",
  "4": "audio",
  "7": "video",
  "8": "video",
  "16": "screen_view",
};
const streams = new Map(Object.keys(uses).map((mid) => [mid, { id: mid } as MediaStream]));
const slots: Slots = {
  use: (mid) => uses[mid] ?? null,
  stream: (mid) => streams.get(mid) ?? null,
  soundMids: () => ["3", "4"],
};

function change(mid: string, participant: ParticipantId | null, over: Partial<SlotChange> = {}): SlotChange {
  return { mid, participant, source: "camera", state: "live", ...over };
}

describe("the slot board", () => {
  it("shows a camera by the participant that is on the slot", () => {
    const board = new SlotBoard(slots);
    const { pictures } = board.apply([change("7", ana)]);
    expect(pictures.get(`camera:${ana}`)).toEqual({ stream: streams.get("7"), state: "live" });
  });

  it("frees the picture of who was on the slot before", () => {
    const board = new SlotBoard(slots);
    board.apply([change("7", ana)]);
    const { pictures } = board.apply([change("7", ben)]);
    expect(pictures.get(`camera:${ana}`)).toBeNull();
    expect(pictures.get(`camera:${ben}`)?.stream).toBe(streams.get("7"));
  });

  it("keeps a picture that moved to another slot in the same message", () => {
    const board = new SlotBoard(slots);
    board.apply([change("7", ana)]);
    const { pictures } = board.apply([change("8", ana), change("7", null)]);
    expect(pictures.get(`camera:${ana}`)?.stream).toBe(streams.get("8"));
  });

  it("gives no stream before the first frame, and keeps it while paused", () => {
    const board = new SlotBoard(slots);
    expect(
      board.apply([change("7", ana, { state: "waiting" })]).pictures.get(`camera:${ana}`)?.stream,
    ).toBeNull();
    const paused = board.apply([change("7", ana, { state: "paused" })]).pictures.get(`camera:${ana}`);
    expect(paused).toEqual({ stream: streams.get("7"), state: "paused" });
  });

  it("tells a screen from a camera of the same participant", () => {
    const board = new SlotBoard(slots);
    const { pictures } = board.apply([change("7", ana), change("16", ana, { source: "screen" })]);
    expect([...pictures.keys()]).toEqual([`camera:${ana}`, `screen:${ana}`]);
  });

  it("plays every sound slot from the start and knows who speaks on it", () => {
    const board = new SlotBoard(slots);
    expect(board.apply([]).sounds.map((sound) => [sound.id, sound.participant])).toEqual([
      ["3", null],
      ["4", null],
    ]);
    const { sounds, pictures } = board.apply([change("4", ben, { source: "mic" })]);
    expect(sounds.map((sound) => sound.participant)).toEqual([null, ben]);
    expect(pictures.size).toBe(0);
  });
});
