/** Points and boxes on the page: plain numbers, no shapes and no canvas. */
import type { Box } from "./shape.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

const DEGREE = Math.PI / 180;

export function turn(point: Point, about: Point, degrees: number): Point {
  if (degrees === 0) return point;
  const cos = Math.cos(degrees * DEGREE);
  const sin = Math.sin(degrees * DEGREE);
  const x = point.x - about.x;
  const y = point.y - about.y;
  return { x: about.x + x * cos - y * sin, y: about.y + x * sin + y * cos };
}

/** Degrees clockwise from straight up. */
export function bearing(from: Point, to: Point): number {
  return Math.atan2(to.x - from.x, from.y - to.y) / DEGREE;
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

export function toSegment(point: Point, a: Point, b: Point): number {
  const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
  if (length === 0) return distance(point, a);
  const along = ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / length;
  const at = Math.min(1, Math.max(0, along));
  return Math.hypot(point.x - a.x - at * (b.x - a.x), point.y - a.y - at * (b.y - a.y));
}

export function middleOf(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Clockwise from the top left, turned about the middle. */
export function cornersOf(box: Box, angle = 0): [Point, Point, Point, Point] {
  const about = middleOf(box);
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  return [
    turn({ x: box.x, y: box.y }, about, angle),
    turn({ x: right, y: box.y }, about, angle),
    turn({ x: right, y: bottom }, about, angle),
    turn({ x: box.x, y: bottom }, about, angle),
  ];
}

export function boxAround(points: Iterable<Point>): Box {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const { x, y } of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  if (left > right) return { x: 0, y: 0, width: 0, height: 0 };
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Null when there is none. */
export function unionOf(boxes: Iterable<Box>): Box | null {
  const points: Point[] = [];
  for (const box of boxes) {
    points.push(box, { x: box.x + box.width, y: box.y + box.height });
  }
  return points.length > 0 ? boxAround(points) : null;
}

export function grown(box: Box, by: number): Box {
  return { x: box.x - by, y: box.y - by, width: box.width + 2 * by, height: box.height + 2 * by };
}

export function overlap(a: Box, b: Box): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}

export function holds(box: Box, point: Point): boolean {
  return (
    point.x >= box.x && point.y >= box.y && point.x <= box.x + box.width && point.y <= box.y + box.height
  );
}

export function holdsBox(outer: Box, inner: Box): boolean {
  return holds(outer, inner) && holds(outer, { x: inner.x + inner.width, y: inner.y + inner.height });
}

/** Even-odd: a lasso that crosses itself leaves its overlaps out. */
export function insidePolygon(point: Point, polygon: readonly Point[]): boolean {
  let inside = false;
  let before = polygon.at(-1);
  for (const corner of polygon) {
    if (
      before &&
      corner.y > point.y !== before.y > point.y &&
      point.x < ((before.x - corner.x) * (point.y - corner.y)) / (before.y - corner.y) + corner.x
    )
      inside = !inside;
    before = corner;
  }
  return inside;
}
