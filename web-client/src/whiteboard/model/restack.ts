/** New order keys for shapes that go to the front, to the back, or past one neighbour. */
import type { ShapeId } from "./shape.ts";
import { keysBetween } from "./z-order.ts";

export type Where = "front" | "back" | "forward" | "backward";

/** Keys for `ids`, whose own order stays; empty = they are there already. */
export function restacked(
  order: readonly ShapeId[],
  keyOf: (id: ShapeId) => string,
  ids: ReadonlySet<ShapeId>,
  where: Where,
): Map<ShapeId, string> {
  const moving = order.filter((id) => ids.has(id));
  const staying = order.filter((id) => !ids.has(id));
  const first = moving[0];
  const last = moving.at(-1);
  if (!first || !last || staying.length === 0) return new Map();
  const at = slot(order, staying, ids, first, last, where);
  const result = [...staying.slice(0, at), ...moving, ...staying.slice(at)];
  if (result.every((id, index) => id === order[index])) return new Map();
  const below = staying[at - 1];
  const above = staying[at];
  const keys = keysBetween(below ? keyOf(below) : null, above ? keyOf(above) : null, moving.length);
  return new Map(moving.map((id, index) => [id, keys[index] ?? ""]));
}

/** How many of those that stay lie below. */
function slot(
  order: readonly ShapeId[],
  staying: readonly ShapeId[],
  ids: ReadonlySet<ShapeId>,
  first: ShapeId,
  last: ShapeId,
  where: Where,
): number {
  const stayingBelow = (end: number) => order.slice(0, end).filter((id) => !ids.has(id)).length;
  switch (where) {
    case "front":
      return staying.length;
    case "back":
      return 0;
    case "forward":
      return Math.min(staying.length, stayingBelow(order.indexOf(last)) + 1);
    case "backward":
      return Math.max(0, stayingBelow(order.indexOf(first)) - 1);
  }
}
