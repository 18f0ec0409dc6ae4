import { describe, expect, it } from "vitest";
import { erased } from "./erase.ts";
import { inkThrough } from "./sample-shapes.ts";

const straight = inkThrough([0, 0], [50, 0], [100, 0]).points;
const ends = (piece: Float32Array | undefined) => [piece?.[0], piece?.at(-3)];

describe("the partial eraser", () => {
  it("leaves two pieces, cut exactly where the rubber passed", () => {
    const pieces = erased(straight, { x: 40, y: -20 }, { x: 40, y: 20 }, 5);
    expect(pieces).toHaveLength(2);
    expect(ends(pieces?.[0])).toEqual([0, 35]);
    expect(ends(pieces?.[1])).toEqual([45, 100]);
  });

  it("does not miss a stroke between two far samples", () => {
    expect(erased(straight, { x: 50, y: -400 }, { x: 50, y: 400 }, 4)).toHaveLength(2);
  });

  it("says when nothing was touched", () => {
    expect(erased(straight, { x: 40, y: 20 }, { x: 60, y: 20 }, 5)).toBeNull();
  });

  it("leaves nothing of what lies wholly under the rubber, and no specks", () => {
    expect(erased(straight, { x: -5, y: 0 }, { x: 105, y: 0 }, 8)).toEqual([]);
    expect(erased(straight, { x: 4.6, y: 0 }, { x: 4.6, y: 0 }, 4)).toHaveLength(1);
  });

  it("shortens a stroke from its end", () => {
    const pieces = erased(straight, { x: 100, y: 0 }, { x: 100, y: 0 }, 10);
    expect(pieces?.map(ends)).toEqual([[0, 90]]);
  });

  it("carries the pressure over a cut", () => {
    const points = Float32Array.from([0, 0, 0, 100, 0, 200]);
    const pieces = erased(points, { x: 50, y: 0 }, { x: 50, y: 0 }, 10);
    expect(pieces?.[0]?.at(-1)).toBe(80);
    expect(pieces?.[1]?.[2]).toBe(120);
  });

  it("never makes a piece of more points than a shape may have", () => {
    const long = Float32Array.from({ length: 1800 }, (_unused, at) => (at % 3 === 0 ? at / 3 : 64));
    for (let x = 1; x < 600; x += 7.3)
      for (const piece of erased(long, { x, y: 64 }, { x, y: 64 }, 0.4) ?? [])
        expect(piece.length / 3).toBeLessThanOrEqual(600);
  });
});
