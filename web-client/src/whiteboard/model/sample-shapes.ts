/** Shapes for tests: each with the fields that a test does not care about. */
import type { Shape, ShapeBase, ShapeId } from "./shape.ts";
import { encodeShape } from "./shape-codec.ts";
import { TextSetter } from "./text-layout.ts";

type Loose<Kind> = Kind extends Shape ? Omit<Kind, keyof ShapeBase> & Partial<ShapeBase> : never;
type Same<Kind, Type> = Kind extends { type: infer Types } ? (Type extends Types ? Kind : never) : never;

export function sample<Kind extends Loose<Shape>>(shape: Kind): Same<Shape, Kind["type"]> {
  const style = { stroke: 1, fill: 0, width: 4, opacity: 255 };
  return { flags: 0, style, z: "V000", durationMs: 0, ...shape } as unknown as Same<Shape, Kind["type"]>;
}

export function inkThrough(...places: readonly (readonly [number, number])[]) {
  const points = Float32Array.from(places.flatMap(([x, y]) => [x, y, 128]));
  return sample({ type: "ink", points, flags: 2 });
}

export function bytesOf(shape: Shape): Uint8Array {
  const bytes = encodeShape(shape);
  if (!bytes) throw new Error("the shape does not fit the wire");
  return bytes;
}

export const idOf = (name: string) => name.padEnd(10, "_") as ShapeId;

/** Every character is half as wide as it is high. */
export const evenSetter = new TextSetter((text, size) => ([...text].length * size) / 2);
