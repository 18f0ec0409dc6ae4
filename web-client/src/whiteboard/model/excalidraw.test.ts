import { describe, expect, it } from "vitest";
import { fromExcalidraw, nearestColour } from "./excalidraw-in.ts";
import { toExcalidraw } from "./excalidraw-out.ts";
import { bytesOf, evenSetter, idOf, inkThrough, sample } from "./sample-shapes.ts";
import type { Shape } from "./shape.ts";

const box = { x: 10, y: 20, width: 300, height: 120, angle: 15 };
const everything: Shape[] = [
  inkThrough([0, 0], [50, 20], [90, 10]),
  sample({ type: "line", x1: 0, y1: 0, x2: 100, y2: 40, flags: 5 }),
  sample({ type: "rectangle", ...box, flags: 4 }),
  sample({ type: "ellipse", ...box }),
  sample({ type: "text", x: 5, y: 6, width: 200, angle: 0, size: 28, text: "¿Qué?\nשלום", flags: 24 }),
  sample({ type: "note", ...box, size: 24, text: "Nota" }),
  sample({ type: "image", ...box, file: "f1", alternative: "A map" }),
  sample({ type: "stamp", x: 1, y: 2, size: 64, angle: 0, kind: 5 }),
];
const file = (...elements: unknown[]) => JSON.stringify({ type: "excalidraw", version: 2, elements });
const base = { x: 10, y: 20, width: 100, height: 50, angle: 0, strokeColor: "#e03131", strokeWidth: 2 };

describe("Excalidraw files", () => {
  it("bring every shape back as it was", () => {
    const shapes = everything.map((shape, index) => ({ id: idOf(`s${index}`), shape }));
    const back = fromExcalidraw(toExcalidraw(shapes, evenSetter));
    expect(back?.map(bytesOf)).toEqual(everything.map(bytesOf));
  });

  it("bring back what was changed elsewhere as it is now", () => {
    const shapes = [{ id: idOf("a"), shape: everything[2] as Shape }];
    const json = JSON.parse(toExcalidraw(shapes, evenSetter)) as { elements: { x: number }[] };
    const [element] = json.elements;
    if (element) element.x += 40;
    const [back] = fromExcalidraw(JSON.stringify(json)) ?? [];
    expect(back).toMatchObject({ type: "rectangle", x: 50, y: 20, width: 300, angle: 15 });
  });

  it("are read when Excalidraw wrote them", () => {
    const shapes = fromExcalidraw(
      file(
        { ...base, type: "rectangle", backgroundColor: "#ffec99", fillStyle: "solid" },
        {
          ...base,
          type: "arrow",
          points: [
            [0, 0],
            [100, 50],
          ],
          endArrowhead: "arrow",
        },
        {
          ...base,
          type: "arrow",
          points: [
            [0, 0],
            [50, 0],
            [100, 50],
          ],
          endArrowhead: "arrow",
        },
        { ...base, type: "text", text: "Hola", fontSize: 20, textAlign: "center" },
        {
          ...base,
          type: "freedraw",
          points: [
            [0, 0],
            [5, 5],
          ],
          pressures: [0.5, 1],
        },
        { ...base, type: "diamond" },
        { ...base, type: "rectangle", isDeleted: true },
        { ...base, type: "frame" },
      ),
    );
    expect(shapes?.map(({ type }) => type)).toEqual([
      "rectangle",
      "line",
      "ink",
      "line",
      "text",
      "ink",
      "ink",
    ]);
    expect(shapes?.[0]?.style).toEqual({ stroke: 3, fill: 5, width: 4, opacity: 255 });
    expect(shapes?.[1]).toMatchObject({ x1: 10, y1: 20, x2: 110, y2: 70, flags: 1 });
    expect(shapes?.[5]).toMatchObject({ points: Float32Array.from([10, 20, 128, 15, 25, 255]) });
  });

  it("that are broken or hostile add nothing and throw nothing", () => {
    expect(fromExcalidraw("{")).toBeNull();
    expect(fromExcalidraw('{"type": "other", "elements": []}')).toBeNull();
    expect(
      fromExcalidraw(file(null, 3, { type: "rectangle" }, { ...base, type: "rectangle", x: 1e300 })),
    ).toEqual([]);
    const seal = { muster: { shape: "%%%", seal: "x" } };
    expect(fromExcalidraw(file({ ...base, type: "rectangle", customData: seal }))).toHaveLength(1);
  });

  it("have strokes of any length cut into shapes of 600 points that meet", () => {
    const points = Array.from({ length: 1500 }, (_unused, at) => [at, 0]);
    const shapes = fromExcalidraw(file({ ...base, type: "freedraw", points })) ?? [];
    const counts = shapes.map((shape) => (shape.type === "ink" ? shape.points.length / 3 : 0));
    expect(counts).toEqual([600, 600, 302]);
  });

  it("have their colours matched by looks", () => {
    expect(nearestColour("#1971c2")).toBe(8);
    expect(nearestColour("#fff")).toBe(12);
    expect(nearestColour("transparent")).toBe(0);
    expect(nearestColour("papayawhip")).toBe(1);
  });
});
