/** Pulls a handle of the selection: resizes, turns, or moves the end of a line. */
import { bearing, middleOf } from "../model/geometry.ts";
import { fittedTo, type Handle, pulled } from "../model/handles.ts";
import type { Line, Shape, ShapeId, TurnedBox } from "../model/shape.ts";
import { onGrid } from "../model/shape-codec.ts";
import { turned } from "../model/shape-edit.ts";
import { snapToDirection, snapToGrid } from "../model/snap.ts";
import { type SelectedShape, selectedShapes, selectionFrame } from "./selection.ts";
import type { Gesture, Keys, Press, Sample, ToolHost } from "./tool.ts";

const TURN_STEP = 15;
/** Upright and level catch the hand within this many degrees. */
const TURN_CATCH = 2;

export class HandleGesture implements Gesture {
  readonly #host: ToolHost;
  readonly #handle: Handle;
  readonly #shapes: readonly SelectedShape[];
  readonly #frame: TurnedBox;
  #result: readonly SelectedShape[] = [];

  constructor(host: ToolHost, _press: Press, handle: Handle) {
    this.#host = host;
    this.#handle = handle;
    this.#shapes = selectedShapes(host);
    this.#frame = selectionFrame(host, this.#shapes) ?? { x: 0, y: 0, width: 0, height: 0, angle: 0 };
  }

  move(samples: readonly Sample[], _predicted: readonly Sample[], keys: Keys): void {
    const to = samples.at(-1);
    if (!to) return;
    this.#result = this.#shapes.map(({ id, shape }) => ({ id, shape: this.#changed(shape, to, keys) }));
    const instead = new Map<ShapeId, readonly Shape[]>(this.#result.map(({ id, shape }) => [id, [shape]]));
    this.#host.show({ instead });
  }

  end(): void {
    this.cancel();
    if (this.#result.length > 0) this.#host.commit(this.#result, this.#handle === "turn" ? "move" : "change");
  }

  cancel(): void {
    this.#host.show({ instead: new Map() });
  }

  #changed(shape: Shape, to: Sample, keys: Keys): Shape {
    if (this.#handle === "turn") return this.#turned(shape, to, keys);
    if (this.#handle === "start" || this.#handle === "finish")
      return shape.type === "line" ? this.#lineEnd(shape, this.#handle, to, keys) : shape;
    const step = this.#host.gridStep;
    const at = step > 0 && this.#frame.angle === 0 ? snapToGrid(to, step) : to;
    const keepRatio = this.#keepsRatio() !== keys.shift;
    const frame = pulled(this.#frame, this.#handle, at, { keepRatio, fromMiddle: keys.alt });
    return fittedTo(shape, this.#frame, frame, this.#handle);
  }

  /** A turn by the angle between where the handle was and where it is. */
  #turned(shape: Shape, to: Sample, keys: Keys): Shape {
    const about = middleOf(this.#frame);
    const wanted = bearing(about, to);
    const nearest = Math.round(wanted / TURN_STEP) * TURN_STEP;
    const quarter = Math.round(wanted / 90) * 90;
    const angle = keys.shift ? nearest : Math.abs(wanted - quarter) < TURN_CATCH ? quarter : wanted;
    return turned(shape, about, Math.round(angle - this.#frame.angle));
  }

  #lineEnd(line: Line, end: "start" | "finish", to: Sample, keys: Keys): Line {
    const fixed = end === "start" ? { x: line.x2, y: line.y2 } : { x: line.x1, y: line.y1 };
    const step = this.#host.gridStep;
    const free = step > 0 ? snapToGrid(to, step) : to;
    const at = keys.shift ? snapToDirection(fixed, free) : free;
    const x = onGrid(at.x);
    const y = onGrid(at.y);
    return end === "start" ? { ...line, x1: x, y1: y } : { ...line, x2: x, y2: y };
  }

  /** Pictures, stamps, text and drawings keep their form unless Shift says otherwise. */
  #keepsRatio(): boolean {
    const [only] = this.#shapes;
    if (!only || this.#shapes.length > 1) return true;
    return ["image", "stamp", "text", "ink"].includes(only.shape.type);
  }
}
