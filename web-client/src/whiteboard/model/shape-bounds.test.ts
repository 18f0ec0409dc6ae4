import { describe, expect, it } from "vitest";
import { evenSetter, inkThrough, sample } from "./sample-shapes.ts";
import { boundsOf, frameOf, hits, lassoed } from "./shape-bounds.ts";

const square = sample({ type: "rectangle", x: 100, y: 100, width: 100, height: 100, angle: 0 });
const at = (x: number, y: number) => ({ x, y });

describe("where a shape is", () => {
  it("counts the stroke's width and heads to what is painted", () => {
    const bounds = boundsOf(square, evenSetter);
    expect(bounds.x).toBeLessThan(99.1);
    expect(bounds.x + bounds.width).toBeGreaterThan(200.9);
    const arrow = sample({ type: "line", x1: 0, y1: 0, x2: 100, y2: 0, flags: 1 });
    expect(boundsOf(arrow, evenSetter).height).toBeGreaterThan(12);
  });

  it("turns a box about its middle, and a text about its corner", () => {
    const turned = boundsOf({ ...square, angle: 45 }, evenSetter);
    expect(turned.width).toBeGreaterThan(141);
    const text = sample({ type: "text", x: 50, y: 50, width: 200, angle: 90, size: 20, text: "abc" });
    const frame = frameOf(text, evenSetter);
    // A quarter turn about (50, 50): the text runs downwards to the left of that corner.
    expect(frame.x + frame.width / 2).toBeCloseTo(50 - 12.5);
    expect(frame.y + frame.height / 2).toBeCloseTo(150);
  });
});

describe("what a point touches", () => {
  it("is the edge of an empty box, and the whole of a filled one", () => {
    expect(hits(square, at(101, 150), 2, evenSetter)).toBe(true);
    expect(hits(square, at(150, 150), 2, evenSetter)).toBe(false);
    const filled = { ...square, style: { ...square.style, fill: 3 } };
    expect(hits(filled, at(150, 150), 2, evenSetter)).toBe(true);
    expect(hits(filled, at(210, 150), 2, evenSetter)).toBe(false);
  });

  it("follows the turn of a shape", () => {
    const flat = sample({ type: "note", x: 0, y: 90, width: 200, height: 20, angle: 90, size: 12, text: "" });
    expect(hits(flat, at(100, 20), 1, evenSetter)).toBe(true);
    expect(hits(flat, at(20, 100), 1, evenSetter)).toBe(false);
  });

  it("leaves out the corners of an ellipse's box", () => {
    const ellipse = sample({ type: "ellipse", x: 0, y: 0, width: 200, height: 100, angle: 0 });
    expect(hits(ellipse, at(0, 50), 3, evenSetter)).toBe(true);
    expect(hits(ellipse, at(3, 3), 3, evenSetter)).toBe(false);
    expect(hits(ellipse, at(100, 50), 3, evenSetter)).toBe(false);
  });

  it("reaches ink and lines within the tolerance and half their width", () => {
    const ink = inkThrough([0, 0], [100, 0]);
    expect(hits(ink, at(50, 5), 5, evenSetter)).toBe(true);
    expect(hits(ink, at(50, 7), 5, evenSetter)).toBe(false);
    expect(hits(inkThrough([10, 10]), at(12, 10), 3, evenSetter)).toBe(true);
    expect(hits(sample({ type: "line", x1: 0, y1: 0, x2: 10, y2: 10 }), at(5, 6), 2, evenSetter)).toBe(true);
  });
});

describe("a lasso", () => {
  const around = [at(-10, -10), at(60, -10), at(60, 60), at(-10, 60)];

  it("takes ink of which more than half lies inside", () => {
    expect(lassoed(inkThrough([0, 0], [20, 20], [40, 40], [200, 200]), around, evenSetter)).toBe(true);
    expect(lassoed(inkThrough([0, 0], [100, 100], [140, 140], [200, 200]), around, evenSetter)).toBe(false);
  });

  it("takes other shapes by their middle", () => {
    expect(lassoed(square, around, evenSetter)).toBe(false);
    expect(lassoed({ ...square, x: -30, y: -30 }, around, evenSetter)).toBe(true);
    expect(lassoed(sample({ type: "line", x1: 0, y1: 0, x2: 110, y2: 110 }), around, evenSetter)).toBe(true);
  });
});
