/** Select: press a shape, draw a frame or a lasso around several, pull handles, drag. */
import { boxAround, distance, holdsBox, type Point } from "../model/geometry.ts";
import { lassoed } from "../model/shape-bounds.ts";
import type { PageShape } from "../page-model.ts";
import { HandleGesture } from "./handle-gesture.ts";
import { MoveGesture } from "./move-gesture.ts";
import { handleAt, selectedShapes } from "./selection.ts";
import {
  type Gesture,
  type Keys,
  type Press,
  reachOf,
  type Sample,
  type Tool,
  type ToolHost,
} from "./tool.ts";

export const select: Tool = (host, press) => grab(host, press) ?? new FrameGesture(host, press, false);
export const lasso: Tool = (host, press) =>
  (insideSelection(host, press) ? grab(host, press) : null) ?? new FrameGesture(host, press, true);

/** What is under the press: a handle, or a shape to be dragged. Null = empty page. */
function grab(host: ToolHost, press: Press): Gesture | null {
  const reach = reachOf(press) / host.zoom;
  const handle = handleAt(host, press.at, reach * 1.4);
  if (handle) return new HandleGesture(host, press, handle);
  const found = host.scene.at(press.at.x, press.at.y, reach, ({ id, ghost }) =>
    ghost === undefined ? host.scene.editable(id) : true,
  );
  if (!found) return null;
  const { id, shape } = found;
  if (press.again && (shape.type === "text" || shape.type === "note") && found.ghost === undefined) {
    host.select([id]);
    host.editText(id, shape, false);
    return null;
  }
  if (press.keys.shift) {
    const known = host.selection.includes(id);
    host.select(known ? host.selection.filter((other) => other !== id) : [...host.selection, id]);
    return null;
  }
  if (!host.selection.includes(id)) host.select([id]);
  return new MoveGesture(host, press);
}

function insideSelection(host: ToolHost, press: Press): boolean {
  const reach = reachOf(press) / host.zoom;
  if (handleAt(host, press.at, reach * 1.4)) return true;
  const found = host.scene.at(press.at.x, press.at.y, reach, ({ id }) => host.selection.includes(id));
  return found !== null;
}

/** A press that moves less than this selects nothing, CSS pixels. */
const DRAG_PX = 4;

class FrameGesture implements Gesture {
  readonly #host: ToolHost;
  readonly #press: Press;
  readonly #free: boolean;
  readonly #kept: ToolHost["selection"];
  #path: Point[];

  constructor(host: ToolHost, press: Press, free: boolean) {
    this.#host = host;
    this.#press = press;
    this.#free = free;
    this.#kept = press.keys.shift ? host.selection : [];
    this.#path = [press.at];
  }

  move(samples: readonly Sample[], _predicted: readonly Sample[], _keys: Keys): void {
    this.#path.push(...samples);
    if (this.#free) this.#host.show({ lasso: this.#path });
    else this.#host.show({ marquee: this.#frame() });
  }

  end(): void {
    this.cancel();
    const last = this.#path.at(-1) ?? this.#press.at;
    const far = this.#free ? this.#frame() : null;
    const size = far ? Math.max(far.width, far.height) : distance(this.#press.at, last);
    if (size * this.#host.zoom < DRAG_PX) {
      this.#tap();
      return;
    }
    const area = this.#free ? boxAround(this.#path) : this.#frame();
    const { scene, setter } = this.#host;
    const inside = (known: PageShape) => {
      if (!scene.editable(known.id)) return false;
      if (this.#free) return lassoed(known.shape, this.#path, setter);
      const bounds = scene.bounds(known.id);
      return bounds !== null && holdsBox(area, bounds);
    };
    const found = scene.near(area).filter(inside);
    this.#host.select([...new Set([...this.#kept, ...found.map(({ id }) => id)])]);
  }

  cancel(): void {
    this.#host.show({ lasso: [], marquee: null });
  }

  /** A press on somebody else's shape says why nothing happens. */
  #tap(): void {
    const { at } = this.#press;
    const reach = reachOf(this.#press) / this.#host.zoom;
    const other = this.#host.scene.at(at.x, at.y, reach, ({ id }) => !this.#host.scene.editable(id));
    if (other && selectedShapes(this.#host).length === 0) this.#host.refuse("not_yours", other.author);
    this.#host.select(this.#kept);
  }

  #frame() {
    return boxAround([this.#press.at, this.#path.at(-1) ?? this.#press.at]);
  }
}
