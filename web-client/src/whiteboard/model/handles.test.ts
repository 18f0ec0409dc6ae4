import { describe, expect, it } from "vitest";
import { cornersOf } from "./geometry.ts";
import { fittedTo, handlesOf, pulled } from "./handles.ts";
import { evenSetter, sample } from "./sample-shapes.ts";
import { frameOf } from "./shape-bounds.ts";

const frame = { x: 100, y: 100, width: 200, height: 100, angle: 0 };
const free = { keepRatio: false, fromMiddle: false };

describe("handles", () => {
  it("pull a corner while the opposite one stays", () => {
    expect(pulled(frame, "se", { x: 400, y: 260 }, free)).toEqual({ ...frame, width: 300, height: 160 });
    expect(pulled(frame, "nw", { x: 50, y: 80 }, free)).toMatchObject({
      x: 50,
      y: 80,
      width: 250,
      height: 120,
    });
  });

  it("keep the opposite corner of a turned frame where it is on the page", () => {
    const turned = { ...frame, angle: 30 };
    const [fixed] = cornersOf(turned, 30);
    const after = pulled(turned, "se", { x: 420, y: 320 }, free);
    const [now] = cornersOf(after, 30);
    expect(now.x).toBeCloseTo(fixed.x);
    expect(now.y).toBeCloseTo(fixed.y);
  });

  it("keep the form, or the middle, when asked to", () => {
    const even = pulled(frame, "se", { x: 500, y: 210 }, { keepRatio: true, fromMiddle: false });
    expect(even.width / even.height).toBe(2);
    const about = pulled(frame, "e", { x: 350, y: 150 }, { keepRatio: false, fromMiddle: true });
    expect(about).toMatchObject({ x: 50, width: 300, y: 100, height: 100 });
  });

  it("never turn a frame inside out", () => {
    const small = pulled(frame, "se", { x: 0, y: 0 }, free);
    expect(small).toMatchObject({ x: 100, y: 100, width: 4, height: 4 });
  });

  it("wrap text anew from the side, and make it larger from a corner", () => {
    const text = sample({ type: "text", x: 0, y: 0, width: 100, angle: 0, size: 20, text: "one two" });
    const from = frameOf(text, evenSetter);
    const wider = fittedTo(text, from, { ...from, width: 50 }, "e");
    expect(wider).toMatchObject({ width: 50, size: 20 });
    const larger = fittedTo(text, from, { ...from, width: 200, height: from.height * 2 }, "se");
    expect(larger).toMatchObject({ width: 200, size: 40 });
  });

  it("are the two ends for a line, and none for what is not understood", () => {
    const line = sample({ type: "line", x1: 1, y1: 2, x2: 3, y2: 4 });
    expect(handlesOf([line], frame, 20).map(({ handle }) => handle)).toEqual(["start", "finish"]);
    expect(handlesOf([sample({ type: "unknown", box: null })], frame, 20)).toEqual([]);
    expect(handlesOf([line, line], frame, 20)).toHaveLength(9);
  });
});
