/** The outline of a stroke by perfect-freehand with the numbers of whiteboard/layout.json. */
import { getStroke } from "perfect-freehand";
import layout from "../../../../whiteboard/layout.json";
import { FLAG, type Ink, type Style } from "./shape.ts";

/** Where a path goes: a Path2D, or a list in tests. */
export interface PathSink {
  moveTo(x: number, y: number): void;
  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void;
  closePath(): void;
}

/** `done` = false while the stroke is being drawn: its end is then not yet smoothed to a stop. */
export function traceInk(
  into: PathSink,
  points: ArrayLike<number>,
  style: Style,
  flags: number,
  done: boolean,
): void {
  const pressed = !(flags & (FLAG.noPressure | FLAG.highlighter));
  const input: [number, number, number][] = [];
  for (let index = 0; index < points.length; index += 3)
    input.push([
      points[index] ?? 0,
      points[index + 1] ?? 0,
      pressed ? (points[index + 2] ?? 128) / 255 : 0.5,
    ]);
  const outline = getStroke(input, {
    size: style.width / 2,
    thinning: pressed ? layout.ink.thinning : layout.ink.thinning_without_pressure,
    smoothing: layout.ink.smoothing,
    streamline: layout.ink.streamline,
    simulatePressure: false,
    last: done,
  });
  traceOutline(into, outline);
}

export function widthOf(ink: Pick<Ink, "style">): number {
  return ink.style.width / 2;
}

/** Quadratic curves through the middles of the sides. */
function traceOutline(into: PathSink, outline: readonly (readonly number[])[]): void {
  const count = outline.length;
  if (count === 0) return;
  const at = (index: number): readonly [number, number] => {
    const point = outline[index % count];
    return [point?.[0] ?? 0, point?.[1] ?? 0];
  };
  let [x, y] = at(0);
  const [nextX, nextY] = at(1);
  into.moveTo((x + nextX) / 2, (y + nextY) / 2);
  for (let index = 1; index <= count; index++) {
    [x, y] = at(index);
    const [toX, toY] = at(index + 1);
    into.quadraticCurveTo(x, y, (x + toX) / 2, (y + toY) / 2);
  }
  into.closePath();
}
