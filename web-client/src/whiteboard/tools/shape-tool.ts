/** Line, arrow, rectangle, ellipse: from one corner to the other. */
import type { Point } from "../model/geometry.ts";
import { FLAG, type Line, type Outline, type ShapeId } from "../model/shape.ts";
import { onGrid } from "../model/shape-codec.ts";
import { snapToDirection, snapToGrid } from "../model/snap.ts";
import {
  type Gesture,
  type Keys,
  type Press,
  plainStyle,
  type Sample,
  type Tool,
  type ToolHost,
} from "./tool.ts";

type Kind = "line" | "arrow" | "rectangle" | "ellipse";

/** A press without a drag is not a shape, CSS pixels. */
const SMALLEST_PX = 4;

export const line: Tool = (host, press) => new ShapeGesture(host, press, "line");
export const arrow: Tool = (host, press) => new ShapeGesture(host, press, "arrow");
export const rectangle: Tool = (host, press) => new ShapeGesture(host, press, "rectangle");
export const ellipse: Tool = (host, press) => new ShapeGesture(host, press, "ellipse");

/** Shift: a square, a circle, one of eight directions. Alt: from the middle. */
class ShapeGesture implements Gesture {
  readonly #host: ToolHost;
  readonly #kind: Kind;
  readonly #id: ShapeId;
  readonly #from: Point;
  readonly #startedAt: number;
  #to: Sample;

  constructor(host: ToolHost, press: Press, kind: Kind) {
    this.#host = host;
    this.#kind = kind;
    this.#id = host.newId();
    this.#from = snapped(host, press.at);
    this.#to = press.at;
    this.#startedAt = press.at.time;
  }

  move(samples: readonly Sample[], _predicted: readonly Sample[], keys: Keys): void {
    this.#to = samples.at(-1) ?? this.#to;
    this.#host.show({ shapes: [this.#shape(keys)] });
  }

  end(keys: Keys): void {
    this.#host.show({ shapes: [] });
    const far = Math.hypot(this.#to.x - this.#from.x, this.#to.y - this.#from.y) * this.#host.zoom;
    if (far < SMALLEST_PX) return;
    this.#host.commit([{ id: this.#id, shape: this.#shape(keys) }], "draw");
  }

  cancel(): void {
    this.#host.show({ shapes: [] });
  }

  #shape(keys: Keys): Line | Outline {
    const { style } = this.#host;
    const to = snapped(this.#host, this.#to);
    const base = {
      style: plainStyle(style),
      z: this.#host.topKey(),
      durationMs: this.#to.time - this.#startedAt,
    };
    const dashed = style.dashed ? FLAG.dashed : 0;
    if (this.#kind === "line" || this.#kind === "arrow") {
      const end = keys.shift ? snapToDirection(this.#from, to) : to;
      const flags = dashed | (this.#kind === "arrow" ? FLAG.arrowAtEnd : 0);
      const [x1, y1] = [onGrid(this.#from.x), onGrid(this.#from.y)];
      return { ...base, type: "line", flags, x1, y1, x2: onGrid(end.x), y2: onGrid(end.y) };
    }
    return { ...base, type: this.#kind, flags: dashed, ...box(this.#from, to, keys), angle: 0 };
  }
}

function box(from: Point, to: Point, keys: Keys) {
  let width = to.x - from.x;
  let height = to.y - from.y;
  if (keys.shift) {
    const side = Math.max(Math.abs(width), Math.abs(height));
    width = side * (Math.sign(width) || 1);
    height = side * (Math.sign(height) || 1);
  }
  const start = keys.alt ? { x: from.x - width, y: from.y - height } : from;
  if (keys.alt) {
    width *= 2;
    height *= 2;
  }
  return {
    x: onGrid(Math.min(start.x, start.x + width)),
    y: onGrid(Math.min(start.y, start.y + height)),
    width: onGrid(Math.abs(width)),
    height: onGrid(Math.abs(height)),
  };
}

function snapped(host: ToolHost, point: Point): Point {
  return host.gridStep > 0 ? snapToGrid(point, host.gridStep) : point;
}
