/** What commands do to shapes: pure, from shapes to changes. */

import { middleOf } from "../model/geometry.ts";
import { fittedTo } from "../model/handles.ts";
import type { Shape, ShapeId, TurnedBox } from "../model/shape.ts";
import { onGrid } from "../model/shape-codec.ts";
import { moved, stretched, turned } from "../model/shape-edit.ts";

export interface Changed {
  readonly id: ShapeId;
  readonly shape: Shape | null;
}

interface Known {
  readonly id: ShapeId;
  readonly shape: Shape;
}

const SMALLEST = 8;
/** Copies lie this far from what they are copies of. */
export const COPY_OFFSET = 24;

export function movedBy(shapes: readonly Known[], dx: number, dy: number): Changed[] {
  return shapes.map(({ id, shape }) => ({ id, shape: moved(shape, dx, dy) }));
}

/** The right and the lower edge move. */
export function resizedBy(shapes: readonly Known[], frame: TurnedBox, dx: number, dy: number): Changed[] {
  const to = {
    ...frame,
    width: Math.max(SMALLEST, frame.width + dx),
    height: Math.max(SMALLEST, frame.height + dy),
  };
  return shapes.map(({ id, shape }) => {
    if (shape.type === "line") return { id, shape: { ...shape, x2: shape.x2 + dx, y2: shape.y2 + dy } };
    if (shape.type === "text") return { id, shape: fittedTo(shape, frame, to, dy === 0 ? "e" : "se") };
    if (shape.type === "stamp") {
      const size = Math.max(SMALLEST, shape.size + dx + dy);
      return { id, shape: { ...shape, size } };
    }
    return { id, shape: stretched(shape, frame, to) };
  });
}

export function turnedBy(shapes: readonly Known[], frame: TurnedBox, degrees: number): Changed[] {
  return shapes.map(({ id, shape }) => ({ id, shape: turned(shape, middleOf(frame), degrees) }));
}

/** Copies on top of everything, in the order of the originals. */
export function copiesOf(
  shapes: readonly Shape[],
  at: { readonly dx: number; readonly dy: number },
  keys: readonly string[],
  newId: () => ShapeId,
): { id: ShapeId; shape: Shape }[] {
  return shapes.flatMap((shape, index) => {
    if (shape.type === "unknown") return [];
    const copy = moved(shape, onGrid(at.dx), onGrid(at.dy));
    return [{ id: newId(), shape: { ...copy, z: keys[index] ?? shape.z } }];
  });
}
