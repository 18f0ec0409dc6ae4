import { describe, expect, it } from "vitest";
import { evenSetter, idOf, inkThrough, sample } from "../model/sample-shapes.ts";
import type { Shape } from "../model/shape.ts";
import { boundsOf } from "../model/shape-bounds.ts";
import { listShapes } from "./shape-list.ts";

function listed(
  shapes: readonly (readonly [string, Shape, Partial<{ author: string; mine: boolean; ghost: string }>?])[],
) {
  const known = shapes.map(([name, shape, about]) => ({
    ...{ id: idOf(name), shape, blob: new Uint8Array(), mine: false, author: "Ana" },
    ...about,
  }));
  return listShapes({
    width: 1600,
    height: 900,
    shapes: known,
    bounds: (id) => {
      const found = known.find((one) => one.id === id);
      return found ? boundsOf(found.shape, evenSetter) : null;
    },
    editable: (id) => known.find((one) => one.id === id)?.mine ?? false,
  });
}

const note = (x: number, y: number, text: string) =>
  sample({ type: "note", x, y, width: 100, height: 100, angle: 0, size: 20, text });

describe("the list of shapes", () => {
  it("reads line by line from the top, each from the left", () => {
    const entries = listed([
      ["d", note(900, 700, "last")],
      ["b", note(900, 60, "second")],
      ["a", note(60, 80, "first")],
      ["c", note(60, 400, "third")],
    ]);
    expect(entries.map(({ text }) => text)).toEqual(["first", "second", "third", "last"]);
  });

  it("says type, colour, author, place and whether it may be changed", () => {
    const [entry] = listed([["a", note(1400, 20, "Hola"), { mine: true, author: "Joost" }]]);
    expect(entry).toMatchObject({ type: "note", colour: "yellow", text: "Hola", author: "Joost" });
    expect(entry).toMatchObject({ mine: true, editable: true, ghost: null, row: "top", column: "right" });
  });

  it("joins the strokes of a drawing, but not those of two people or two colours", () => {
    const stroke = (x: number) => inkThrough([x, 400], [x + 20, 420]);
    const red = { ...stroke(30), style: { stroke: 3, fill: 0, width: 4, opacity: 255 } };
    const entries = listed([
      ["a", stroke(0)],
      ["b", stroke(30)],
      ["c", stroke(60), { author: "Luis" }],
      ["d", red],
      ["e", stroke(600)],
    ]);
    expect(entries.map(({ ids }) => ids.length).sort()).toEqual([1, 1, 1, 2]);
  });

  it("tells arrows from lines, highlighters from pens, and names stamps", () => {
    const line = sample({ type: "line", x1: 0, y1: 0, x2: 50, y2: 0 });
    const entries = listed([
      ["a", line],
      ["b", { ...line, flags: 1, x1: 300, x2: 350 }],
      ["c", { ...inkThrough([600, 0], [650, 0]), flags: 3 }],
      ["d", sample({ type: "stamp", x: 900, y: 0, size: 60, angle: 0, kind: 3 })],
      ["e", sample({ type: "unknown", box: { x: 1300, y: 0, width: 50, height: 50 } })],
    ]);
    expect(entries.map(({ type }) => type)).toEqual(["line", "arrow", "highlighter", "stamp", "unknown"]);
    expect(entries[3]?.stamp).toBe("question");
  });

  it("keeps ghosts apart and says why they are refused", () => {
    const entries = listed([
      ["a", inkThrough([0, 0], [10, 10])],
      ["b", inkThrough([0, 0], [10, 10]), { ghost: "locked" }],
    ]);
    expect(entries.map(({ ghost }) => ghost)).toEqual([null, "locked"]);
  });
});
