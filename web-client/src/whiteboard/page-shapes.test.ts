import { describe, expect, it } from "vitest";
import { bytesOf, idOf, inkThrough } from "./model/sample-shapes.ts";
import { compareZ, keyBetween } from "./model/z-order.ts";
import { PageShapes } from "./page-shapes.ts";

const about = { mine: true, author: "" };
const blobAt = (z: string) => bytesOf({ ...inkThrough([0, 0], [5, 5]), z });

describe("a page's shapes", () => {
  it("are in order after any changes, however many at once", () => {
    const page = new PageShapes();
    let seed = 5;
    const random = (most: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * most);
    };
    const keys = Array.from({ length: 30 }, (_unused, at) => `V0${String.fromCharCode(65 + (at % 26))}1`);
    for (let round = 0; round < 60; round++) {
      for (let change = random(round % 7 === 0 ? 200 : 5); change >= 0; change--) {
        const id = idOf(`s${random(150)}`);
        if (random(4) === 0) page.remove(id);
        else page.put(id, blobAt(keys[random(30)] ?? "V"), about);
      }
      const expected = [...page.shapes.values()]
        .map(({ id, shape }) => ({ id, z: shape.z }))
        .sort(compareZ)
        .map(({ id }) => id);
      expect(page.order, `round ${round}`).toEqual(expected);
    }
  });

  it("stay in order when two people draw on top of each other", () => {
    const page = new PageShapes();
    const key = keyBetween(null, null);
    page.put(idOf("b"), blobAt(key), about);
    expect(page.order).toEqual([idOf("b")]);
    page.put(idOf("a"), blobAt(key), about);
    expect(page.order).toEqual([idOf("a"), idOf("b")]);
  });

  it("lose what is replaced by bytes that are no shape", () => {
    const page = new PageShapes();
    page.put(idOf("a"), blobAt("V"), about);
    expect(page.put(idOf("a"), new Uint8Array([1, 2]), about)).toBe(false);
    expect(page.order).toEqual([]);
  });
});
