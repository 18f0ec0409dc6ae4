/** Snapping: to the grid of the page, and to edges and middles of other shapes, with guides that show why. */
import type { Point } from "./geometry.ts";
import type { Box } from "./shape.ts";

export interface Guide {
  readonly axis: "x" | "y";
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

export interface Snapped {
  readonly dx: number;
  readonly dy: number;
  readonly guides: readonly Guide[];
}

/** How much further `box` has to move to lie on a line of `others`, within `reach`. */
export function snapBox(box: Box, others: readonly Box[], reach: number): Snapped {
  const x = nearest(linesOf(box.x, box.width), others, (other) => linesOf(other.x, other.width), reach);
  const y = nearest(linesOf(box.y, box.height), others, (other) => linesOf(other.y, other.height), reach);
  const at = { ...box, x: box.x + (x?.by ?? 0), y: box.y + (y?.by ?? 0) };
  const guides: Guide[] = [];
  if (x)
    guides.push({
      axis: "x",
      at: x.at,
      from: Math.min(at.y, x.other.y),
      to: Math.max(at.y + at.height, x.other.y + x.other.height),
    });
  if (y)
    guides.push({
      axis: "y",
      at: y.at,
      from: Math.min(at.x, y.other.x),
      to: Math.max(at.x + at.width, y.other.x + y.other.width),
    });
  return { dx: x?.by ?? 0, dy: y?.by ?? 0, guides };
}

export function snapToGrid(point: Point, step: number): Point {
  return { x: Math.round(point.x / step) * step, y: Math.round(point.y / step) * step };
}

/** To the nearest of eight directions from `from`: what Shift does to lines. */
export function snapToDirection(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const eighth = Math.PI / 4;
  const angle = Math.round(Math.atan2(to.y - from.y, to.x - from.x) / eighth) * eighth;
  return { x: from.x + Math.cos(angle) * length, y: from.y + Math.sin(angle) * length };
}

function linesOf(start: number, length: number): readonly number[] {
  return [start, start + length / 2, start + length];
}

function nearest(
  mine: readonly number[],
  others: readonly Box[],
  lines: (other: Box) => readonly number[],
  reach: number,
): { by: number; at: number; other: Box } | null {
  let best: { by: number; at: number; other: Box } | null = null;
  for (const other of others) {
    for (const at of lines(other)) {
      for (const line of mine) {
        const by = at - line;
        if (Math.abs(by) <= reach && (!best || Math.abs(by) < Math.abs(best.by))) best = { by, at, other };
      }
    }
  }
  return best;
}
