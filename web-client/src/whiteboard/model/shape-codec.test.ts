import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FLAG, type Shape } from "./shape.ts";
import { decodeShape, encodeShape } from "./shape-codec.ts";

interface Vectors {
  shapes: { name: string; hex: string; type: string; fields: Record<string, unknown> }[];
  unknown: { name: string; hex: string; fields: { z: string; box: number[] | null } }[];
  refused: { name: string; hex: string }[];
}

const path = new URL("../../../../tests/vectors/board/shapes.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8")) as Vectors;
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** The shape in the words of the vectors: quarter units, tenths of a degree. */
function asFields(shape: Shape): Record<string, unknown> {
  const { type: _type, durationMs, ...rest } = shape;
  const fields: Record<string, unknown> = { ...rest, duration_ms: durationMs };
  if (shape.type === "ink") {
    const column = (at: number) =>
      Array.from(shape.points.filter((_value, index) => index % 3 === at)).map((value) =>
        at < 2 ? value * 4 : value,
      );
    delete fields.points;
    const pressures = shape.flags & FLAG.noPressure ? [] : column(2);
    return { ...fields, xs: column(0), ys: column(1), pressures };
  }
  for (const name of ["x", "y", "width", "height", "x1", "y1", "x2", "y2"])
    if (typeof fields[name] === "number") fields[name] = (fields[name] as number) * 4;
  if (shape.type === "stamp") fields.size = shape.size * 4;
  if (typeof fields.angle === "number") fields.angle = Math.round(fields.angle * 10);
  return fields;
}

describe("the shape codec", () => {
  it.each(vectors.shapes)("reads and writes $name as the server does", ({ hex, type, fields }) => {
    const shape = decodeShape(bytesOf(hex));
    expect(shape?.type).toBe(type);
    if (!shape) return;
    expect(asFields(shape)).toEqual(fields);
    const again = encodeShape(shape);
    expect(again && hexOf(again)).toBe(hex);
  });

  it.each(vectors.unknown)("keeps $name as a box", ({ hex, fields }) => {
    const shape = decodeShape(bytesOf(hex));
    expect(shape?.type).toBe("unknown");
    if (shape?.type !== "unknown") return;
    const box = shape.box && [shape.box.x, shape.box.y, shape.box.width, shape.box.height];
    expect(box?.map((value) => value * 4) ?? null).toEqual(fields.box);
    expect(shape.z).toBe(fields.z);
  });

  it.each(vectors.refused)("refuses $name", ({ hex }) => {
    expect(decodeShape(bytesOf(hex))).toBeNull();
  });

  it("never throws, whatever byte is changed", () => {
    for (const { hex } of vectors.shapes.filter((vector) => vector.hex.length < 200)) {
      const bytes = bytesOf(hex);
      for (let at = 0; at < bytes.length; at++) {
        for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
          const changed = bytes.slice();
          changed[at] = value;
          expect(() => decodeShape(changed)).not.toThrow();
        }
        expect(() => decodeShape(bytes.subarray(0, at))).not.toThrow();
      }
    }
  });

  it("does not write what the server would refuse", () => {
    const shape = decodeShape(bytesOf(vectors.shapes.find(({ type }) => type === "text")?.hex ?? ""));
    if (shape?.type !== "text") throw new Error("the vectors have a text");
    expect(encodeShape({ ...shape, text: "a".repeat(4001) })).toBeNull();
    expect(encodeShape({ ...shape, x: 2_000_000 })).toBeNull();
  });
});
