/** Where a shape is on the page and whether a point or a lasso touches it. */
import {
  boxAround,
  cornersOf,
  grown,
  holds,
  insidePolygon,
  middleOf,
  type Point,
  toSegment,
  turn,
} from "./geometry.ts";
import type { Box, Shape, TurnedBox } from "./shape.ts";
import type { TextSetter } from "./text-layout.ts";

/** The unturned box and its angle: what handles and the in-place editor lie on. */
export function frameOf(shape: Shape, setter: TextSetter): TurnedBox {
  switch (shape.type) {
    case "ink":
      return { ...inkBox(shape.points), angle: 0 };
    case "line":
      return {
        ...boxAround([
          { x: shape.x1, y: shape.y1 },
          { x: shape.x2, y: shape.y2 },
        ]),
        angle: 0,
      };
    case "text":
      return textFrame(shape, setter.lay(shape).height);
    case "stamp":
      return { x: shape.x, y: shape.y, width: shape.size, height: shape.size, angle: shape.angle };
    case "unknown":
      return { ...(shape.box ?? { x: 0, y: 0, width: 0, height: 0 }), angle: 0 };
    default:
      return shape;
  }
}

/** All that is painted of a shape, its stroke's width and arrow heads with it. */
export function boundsOf(shape: Shape, setter: TextSetter): Box {
  const frame = frameOf(shape, setter);
  const box = frame.angle === 0 ? frame : boxAround(cornersOf(frame, frame.angle));
  const { x, y, width, height } = grown(box, margin(shape));
  return { x, y, width, height };
}

export function hits(shape: Shape, point: Point, tolerance: number, setter: TextSetter): boolean {
  const reach = tolerance + shape.style.width / 4;
  if (shape.type === "ink") return inkHit(shape.points, point, reach);
  if (shape.type === "line")
    return toSegment(point, { x: shape.x1, y: shape.y1 }, { x: shape.x2, y: shape.y2 }) <= reach;
  const frame = frameOf(shape, setter);
  const local = turn(point, middleOf(frame), -frame.angle);
  if (!holds(grown(frame, reach), local)) return false;
  if (shape.type === "rectangle" && shape.style.fill === 0) return !holds(grown(frame, -reach), local);
  if (shape.type === "ellipse") return ellipseHit(frame, local, reach, shape.style.fill !== 0);
  return true;
}

/** Most of the shape lies inside: a lasso that grazes a neighbour leaves it alone. */
export function lassoed(shape: Shape, polygon: readonly Point[], setter: TextSetter): boolean {
  if (shape.type === "ink") {
    const count = shape.points.length / 3;
    const step = Math.max(1, Math.floor(count / 24));
    let inside = 0;
    let seen = 0;
    for (let index = 0; index < count; index += step) {
      seen += 1;
      if (insidePolygon(pointAt(shape.points, index), polygon)) inside += 1;
    }
    return inside > seen / 2;
  }
  if (shape.type === "line")
    return insidePolygon({ x: (shape.x1 + shape.x2) / 2, y: (shape.y1 + shape.y2) / 2 }, polygon);
  return insidePolygon(middleOf(frameOf(shape, setter)), polygon);
}

export function pointAt(points: Float32Array, index: number): Point {
  return { x: points[index * 3] ?? 0, y: points[index * 3 + 1] ?? 0 };
}

/** Text turns about its corner (x, y), other frames about their middle: the same box, its place moved. */
function textFrame(text: { x: number; y: number; width: number; angle: number }, height: number): TurnedBox {
  const { x, y, width, angle } = text;
  if (angle === 0) return { x, y, width, height, angle };
  const middle = turn({ x: x + width / 2, y: y + height / 2 }, { x, y }, angle);
  return { x: middle.x - width / 2, y: middle.y - height / 2, width, height, angle };
}

function inkBox(points: Float32Array): Box {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < points.length; index += 3) {
    const x = points[index] ?? 0;
    const y = points[index + 1] ?? 0;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function margin(shape: Shape): number {
  const half = shape.style.width / 4;
  switch (shape.type) {
    // Full pressure widens a stroke by half; the round caps stay within that.
    case "ink":
      return half * 1.5 + 1;
    case "line":
      return half + Math.max(12, shape.style.width * 2);
    case "rectangle":
    case "ellipse":
      return half + 1;
    // Tall letters, marks and shadows pass over the edge of their box.
    case "text":
      return shape.size / 2;
    case "note":
      return 24;
    default:
      return 2;
  }
}

function inkHit(points: Float32Array, point: Point, reach: number): boolean {
  const count = points.length / 3;
  let before = pointAt(points, 0);
  if (count === 1) return toSegment(point, before, before) <= reach;
  for (let index = 1; index < count; index++) {
    const next = pointAt(points, index);
    if (toSegment(point, before, next) <= reach) return true;
    before = next;
  }
  return false;
}

function ellipseHit(frame: Box, local: Point, reach: number, filled: boolean): boolean {
  const middle = middleOf(frame);
  const within = (rx: number, ry: number) =>
    rx > 0 && ry > 0 && ((local.x - middle.x) / rx) ** 2 + ((local.y - middle.y) / ry) ** 2 <= 1;
  const rx = frame.width / 2;
  const ry = frame.height / 2;
  return within(rx + reach, ry + reach) && (filled || !within(rx - reach, ry - reach));
}
