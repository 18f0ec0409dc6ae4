import { describe, expect, it } from "vitest";
import { snapBox, snapToDirection, snapToGrid } from "./snap.ts";

const box = (x: number, y: number, width = 100, height = 50) => ({ x, y, width, height });

describe("snapping", () => {
  it("brings edges and middles of neighbours together, and shows the line", () => {
    const { dx, dy, guides } = snapBox(box(203, 300), [box(200, 0)], 6);
    expect([dx, dy]).toEqual([-3, 0]);
    expect(guides).toEqual([{ axis: "x", at: 200, from: 0, to: 350 }]);
    expect(snapBox(box(0, 98), [box(400, 100)], 6).dy).toBe(2);
    expect(snapBox(box(148, 300), [box(100, 0, 200, 50)], 6).dx).toBe(2);
  });

  it("takes the nearest line of all", () => {
    expect(snapBox(box(104, 0), [box(100, 500), box(106, 900)], 6).dx).toBe(2);
  });

  it("leaves alone what is too far", () => {
    expect(snapBox(box(220, 300), [box(200, 0, 7, 7)], 6)).toEqual({ dx: 0, dy: 0, guides: [] });
  });

  it("goes to the grid, and to one of eight directions", () => {
    expect(snapToGrid({ x: 31, y: -9 }, 20)).toEqual({ x: 40, y: -0 });
    const to = snapToDirection({ x: 0, y: 0 }, { x: 100, y: 8 });
    expect(to.y).toBeCloseTo(0);
    const diagonal = snapToDirection({ x: 0, y: 0 }, { x: 90, y: 100 });
    expect(diagonal.x).toBeCloseTo(diagonal.y);
  });
});
