/** The handles of a selection and what pulling one does to its frame. */
import { cornersOf, middleOf, type Point, turn } from "./geometry.ts";
import type { Shape, TurnedBox } from "./shape.ts";
import { clampSize, stretched } from "./shape-edit.ts";

export type CornerHandle = "nw" | "ne" | "se" | "sw";
export type SideHandle = "n" | "e" | "s" | "w";
export type EndHandle = "start" | "finish";
export type Handle = CornerHandle | SideHandle | EndHandle | "turn";

export interface PlacedHandle extends Point {
  readonly handle: Handle;
}

/** A frame is never pulled smaller than this, in units. */
const SMALLEST = 4;

/** `turnAway`: how far above the frame the turning handle floats, in units. */
export function handlesOf(shapes: readonly Shape[], frame: TurnedBox, turnAway: number): PlacedHandle[] {
  const only = shapes.length === 1 ? shapes[0] : undefined;
  if (shapes.some((shape) => shape.type === "unknown")) return [];
  if (only?.type === "line")
    return [
      { handle: "start", x: only.x1, y: only.y1 },
      { handle: "finish", x: only.x2, y: only.y2 },
    ];
  const [nw, ne, se, sw] = cornersOf(frame, frame.angle);
  const between = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const top = between(nw, ne);
  const away = turn({ x: top.x, y: top.y - turnAway }, top, frame.angle);
  const placed: PlacedHandle[] = [
    { handle: "nw", ...nw },
    { handle: "ne", ...ne },
    { handle: "se", ...se },
    { handle: "sw", ...sw },
    { handle: "turn", ...away },
  ];
  if (only?.type === "stamp") return placed;
  placed.push({ handle: "e", ...between(ne, se) }, { handle: "w", ...between(nw, sw) });
  if (only?.type !== "text") placed.push({ handle: "n", ...top }, { handle: "s", ...between(se, sw) });
  return placed;
}

/** The frame after `handle` was pulled to a point; the opposite corner or side stays where it is on the page. */
export function pulled(
  frame: TurnedBox,
  handle: Exclude<Handle, EndHandle | "turn">,
  to: Point,
  how: { keepRatio: boolean; fromMiddle: boolean },
): TurnedBox {
  const about = middleOf(frame);
  const local = turn(to, about, -frame.angle);
  const right = frame.x + frame.width;
  const bottom = frame.y + frame.height;
  const toWest = handle.includes("w");
  const toNorth = handle.includes("n");
  const free = (near: number, far: number, at: number, back: boolean) =>
    Math.max(SMALLEST, back ? far - at : at - near);
  let width = /[ew]/.test(handle) ? free(frame.x, right, local.x, toWest) : frame.width;
  let height = /[ns]/.test(handle) ? free(frame.y, bottom, local.y, toNorth) : frame.height;
  if (how.fromMiddle) {
    width = /[ew]/.test(handle) ? Math.max(SMALLEST, 2 * Math.abs(local.x - about.x)) : width;
    height = /[ns]/.test(handle) ? Math.max(SMALLEST, 2 * Math.abs(local.y - about.y)) : height;
  }
  if (how.keepRatio && handle.length === 2 && frame.width > 0 && frame.height > 0) {
    const ratio = Math.max(width / frame.width, height / frame.height);
    width = frame.width * ratio;
    height = frame.height * ratio;
  }
  if (how.fromMiddle)
    return { x: about.x - width / 2, y: about.y - height / 2, width, height, angle: frame.angle };
  const box = { x: toWest ? right - width : frame.x, y: toNorth ? bottom - height : frame.y, width, height };
  // The middle moved, and with it the point that a turned frame turns about.
  const middle = turn(middleOf(box), about, frame.angle);
  return { x: middle.x - width / 2, y: middle.y - height / 2, width, height, angle: frame.angle };
}

/** `shape` after its frame became another; `handle` tells whether text grows or only wraps anew. */
export function fittedTo(shape: Shape, from: TurnedBox, to: TurnedBox, handle: Handle): Shape {
  if (shape.type !== "text") return stretched(shape, from, to);
  const ratio = handle.length === 2 && from.height > 0 ? to.height / from.height : 1;
  const [corner] = cornersOf(to, to.angle);
  return { ...shape, x: corner.x, y: corner.y, width: to.width, size: clampSize(shape.size * ratio) };
}
