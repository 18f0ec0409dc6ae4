/** The partial eraser: cuts ink where a round rubber passes and leaves the pieces. */
import { distance, type Point } from "./geometry.ts";
import { onGrid } from "./shape-codec.ts";

/** A piece shorter than this would be a speck that nobody drew. */
const SHORTEST = 1;
const EDGE = 1e-3;

/**
 * The pieces of a stroke (x, y, pressure, …) that are left when a rubber of `radius` moves from `from` to `to`;
 * null = it did not touch. Cuts are exact: points are added where the stroke enters and leaves the rubber.
 */
export function erased(points: Float32Array, from: Point, to: Point, radius: number): Float32Array[] | null {
  const steps = Math.max(1, Math.ceil(distance(from, to) / (radius / 2)));
  let pieces: Float32Array[] = [points];
  let touched = false;
  for (let step = 0; step <= steps; step++) {
    const share = step / steps;
    const at = { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
    pieces = pieces.flatMap((piece) => {
      const left = cutBy(piece, at, radius);
      if (left) touched = true;
      return left ?? [piece];
    });
  }
  return touched ? pieces : null;
}

function cutBy(points: Float32Array, at: Point, radius: number): Float32Array[] | null {
  const pieces: number[][] = [];
  let piece: number[] = [];
  let touched = false;
  const close = () => {
    if (piece.length > 0) pieces.push(piece);
    piece = [];
  };
  // A cut that was made here lies on the edge: it counts as outside, or the next pass would take its segment away.
  const edge = (radius - EDGE) ** 2;
  const outside = (x: number, y: number) => (x - at.x) ** 2 + (y - at.y) ** 2 > edge;
  for (let index = 0; index < points.length; index += 3) {
    const [x = 0, y = 0, pressure = 0] = points.subarray(index, index + 3);
    if (index > 0) {
      const [x0 = 0, y0 = 0, p0 = 0] = points.subarray(index - 3, index);
      for (const share of crossings(x0, y0, x, y, at, radius)) {
        touched = true;
        const cut = [x0 + (x - x0) * share, y0 + (y - y0) * share, Math.round(p0 + (pressure - p0) * share)];
        if (piece.length > 0) {
          piece.push(...cut);
          close();
        } else piece.push(...cut);
      }
    }
    if (outside(x, y)) piece.push(x, y, pressure);
    else touched = true;
  }
  close();
  if (!touched) return null;
  return pieces.filter((left) => lengthOf(left) >= SHORTEST).map(rounded);
}

/** Where a segment meets the circle, as shares of its length, in order. */
function crossings(x0: number, y0: number, x1: number, y1: number, at: Point, radius: number): number[] {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const fx = x0 - at.x;
  const fy = y0 - at.y;
  const a = dx * dx + dy * dy;
  const b = 2 * (fx * dx + fy * dy);
  const c = fx * fx + fy * fy - radius * radius;
  const root = b * b - 4 * a * c;
  if (a === 0 || root <= 0) return [];
  const spread = Math.sqrt(root);
  return [(-b - spread) / (2 * a), (-b + spread) / (2 * a)].filter((share) => share > 0 && share < 1);
}

function lengthOf(piece: readonly number[]): number {
  let length = 0;
  for (let index = 3; index < piece.length; index += 3)
    length += Math.hypot(
      (piece[index] ?? 0) - (piece[index - 3] ?? 0),
      (piece[index + 1] ?? 0) - (piece[index - 2] ?? 0),
    );
  return length;
}

function rounded(piece: readonly number[]): Float32Array {
  return Float32Array.from(piece, (value, index) => (index % 3 === 2 ? value : onGrid(value)));
}
