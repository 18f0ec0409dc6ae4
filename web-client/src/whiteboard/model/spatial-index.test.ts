import { describe, expect, it } from "vitest";
import { overlap } from "./geometry.ts";
import { idOf } from "./sample-shapes.ts";
import { SpatialIndex } from "./spatial-index.ts";

describe("the spatial index", () => {
  it("finds what a search through everything finds, while boxes move and go", () => {
    const index = new SpatialIndex();
    const boxes = new Map<ReturnType<typeof idOf>, { x: number; y: number; width: number; height: number }>();
    let seed = 42;
    const random = (most: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return (seed / 2 ** 32) * most;
    };
    for (let round = 0; round < 1500; round++) {
      const id = idOf(`s${Math.floor(random(300))}`);
      if (random(1) < 0.2) {
        index.remove(id);
        boxes.delete(id);
      } else {
        const size = random(1) < 0.05 ? 9000 : 60;
        const box = {
          x: random(2000) - 400,
          y: random(2000) - 400,
          width: random(size),
          height: random(size),
        };
        index.put(id, box);
        boxes.set(id, box);
      }
      if (round % 25 > 0) continue;
      const area = { x: random(1800) - 300, y: random(1800) - 300, width: random(500), height: random(500) };
      const expected = [...boxes].filter(([, box]) => overlap(box, area)).map(([key]) => key);
      expect(index.near(area).sort(), `round ${round}`).toEqual(expected.sort());
    }
    expect(index.size).toBe(boxes.size);
  });
});
