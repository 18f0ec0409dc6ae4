/** Moves, stretches and turns shapes; the results are new shapes. */
import { middleOf, type Point, turn } from "./geometry.ts";
import type { Box, Ink, Shape, Style } from "./shape.ts";
import { FLAG } from "./shape.ts";

const SMALLEST = 4;

export function moved<Kind extends Shape>(shape: Kind, dx: number, dy: number): Kind {
  if (dx === 0 && dy === 0) return shape;
  if (shape.type === "ink") return { ...shape, points: mapped(shape, (x, y) => [x + dx, y + dy]) };
  if (shape.type === "line")
    return { ...shape, x1: shape.x1 + dx, y1: shape.y1 + dy, x2: shape.x2 + dx, y2: shape.y2 + dy };
  if (shape.type === "unknown") return shape;
  return { ...shape, x: shape.x + dx, y: shape.y + dy };
}

/** Stretched as `from` is stretched onto `to`; both are of the same angle. Text keeps its form, its size follows the height. */
export function stretched(shape: Shape, from: Box, to: Box): Shape {
  const sx = from.width > 0 ? to.width / from.width : 1;
  const sy = from.height > 0 ? to.height / from.height : 1;
  const x = (value: number) => to.x + (value - from.x) * sx;
  const y = (value: number) => to.y + (value - from.y) * sy;
  const even = Math.sqrt(Math.abs(sx * sy)) || 1;
  switch (shape.type) {
    case "ink":
      return { ...shape, points: mapped(shape, (px, py) => [x(px), y(py)]) };
    case "line":
      return { ...shape, x1: x(shape.x1), y1: y(shape.y1), x2: x(shape.x2), y2: y(shape.y2) };
    case "text":
      return {
        ...shape,
        x: x(shape.x),
        y: y(shape.y),
        width: Math.max(shape.size, shape.width * sx),
        size: clampSize(sy === 1 || sx === 1 ? shape.size : shape.size * even),
      };
    case "stamp":
      return { ...shape, x: x(shape.x), y: y(shape.y), size: Math.max(SMALLEST, shape.size * even) };
    case "unknown":
      return shape;
    default:
      return {
        ...shape,
        x: x(shape.x),
        y: y(shape.y),
        width: Math.max(SMALLEST, shape.width * sx),
        height: Math.max(SMALLEST, shape.height * sy),
      };
  }
}

/** Turned by `degrees` about a point; ink and lines turn their points. */
export function turned(shape: Shape, about: Point, degrees: number): Shape {
  if (shape.type === "ink")
    return {
      ...shape,
      points: mapped(shape, (x, y) => {
        const to = turn({ x, y }, about, degrees);
        return [to.x, to.y];
      }),
    };
  if (shape.type === "line") {
    const from = turn({ x: shape.x1, y: shape.y1 }, about, degrees);
    const to = turn({ x: shape.x2, y: shape.y2 }, about, degrees);
    return { ...shape, x1: from.x, y1: from.y, x2: to.x, y2: to.y };
  }
  if (shape.type === "unknown") return shape;
  const angle = upright(shape.angle + degrees);
  if (shape.type === "text") {
    const corner = turn(shape, about, degrees);
    return { ...shape, ...corner, angle };
  }
  const width = shape.type === "stamp" ? shape.size : shape.width;
  const height = shape.type === "stamp" ? shape.size : shape.height;
  const middle = turn(middleOf({ x: shape.x, y: shape.y, width, height }), about, degrees);
  return { ...shape, x: middle.x - width / 2, y: middle.y - height / 2, angle };
}

export interface Restyle extends Partial<Style> {
  readonly textSize?: number;
  readonly bold?: boolean;
  readonly centred?: boolean;
  readonly dashed?: boolean;
}

export function restyled(shape: Shape, change: Restyle): Shape {
  const { textSize, bold, centred, dashed, ...style } = change;
  let flags = shape.flags;
  const set = (flag: number, on: boolean | undefined, applies: boolean) => {
    if (on !== undefined && applies) flags = on ? flags | flag : flags & ~flag;
  };
  const written = shape.type === "text" || shape.type === "note";
  set(FLAG.bold, bold, written);
  set(FLAG.centred, centred, written);
  set(FLAG.dashed, dashed, ["line", "rectangle", "ellipse"].includes(shape.type));
  const next = { ...shape, flags, style: { ...shape.style, ...style } };
  if (textSize !== undefined && (next.type === "text" || next.type === "note"))
    return { ...next, size: clampSize(textSize) };
  return next;
}

export function clampSize(size: number): number {
  return Math.min(400, Math.max(8, Math.round(size)));
}

/** Within half a turn to either side. */
export function upright(angle: number): number {
  const whole = ((angle % 360) + 360) % 360;
  return whole > 180 ? whole - 360 : whole;
}

function mapped(ink: Ink, map: (x: number, y: number) => readonly [number, number]): Float32Array {
  const points = ink.points.slice();
  for (let index = 0; index < points.length; index += 3) {
    const [x, y] = map(points[index] ?? 0, points[index + 1] ?? 0);
    points[index] = x;
    points[index + 1] = y;
  }
  return points;
}
