/** Drags the selection, with snapping to the grid or to other shapes. */
import { grown, type Point, unionOf } from "../model/geometry.ts";
import type { Box, Shape, ShapeId } from "../model/shape.ts";
import { onGrid } from "../model/shape-codec.ts";
import { moved } from "../model/shape-edit.ts";
import { snapBox, snapToGrid } from "../model/snap.ts";
import { type SelectedShape, selectedShapes } from "./selection.ts";
import type { Gesture, Keys, Press, Sample, ToolHost } from "./tool.ts";

/** Less than this is a press that trembled, CSS pixels. */
const START_PX = 4;
const SNAP_PX = 6;
/** Neighbours further away than this many units are no company. */
const NEIGHBOURHOOD = 600;
const MOST_NEIGHBOURS = 60;

export class MoveGesture implements Gesture {
  readonly #host: ToolHost;
  readonly #from: Point;
  readonly #shapes: readonly SelectedShape[];
  readonly #box: Box;
  #neighbours: readonly Box[] | null = null;
  #started = false;
  #dx = 0;
  #dy = 0;

  constructor(host: ToolHost, press: Press) {
    this.#host = host;
    this.#from = press.at;
    this.#shapes = selectedShapes(host).filter(({ id }) => host.scene.editable(id));
    const extents = this.#shapes.flatMap(({ id }) => host.scene.extent(id) ?? []);
    this.#box = unionOf(extents) ?? { x: press.at.x, y: press.at.y, width: 0, height: 0 };
  }

  move(samples: readonly Sample[], _predicted: readonly Sample[], keys: Keys): void {
    const to = samples.at(-1);
    if (!to || this.#shapes.length === 0) return;
    let dx = to.x - this.#from.x;
    let dy = to.y - this.#from.y;
    if (!this.#started && Math.hypot(dx, dy) * this.#host.zoom < START_PX) return;
    this.#started = true;
    if (keys.shift) {
      if (Math.abs(dx) > Math.abs(dy)) dy = 0;
      else dx = 0;
    }
    const snapped = keys.alt ? { dx: 0, dy: 0, guides: [] } : this.#snap(dx, dy);
    this.#dx = onGrid(dx + snapped.dx);
    this.#dy = onGrid(dy + snapped.dy);
    const instead = new Map<ShapeId, readonly Shape[]>(
      this.#shapes.map(({ id, shape }) => [id, [moved(shape, this.#dx, this.#dy)]]),
    );
    this.#host.show({ instead, guides: snapped.guides });
    const ids = this.#shapes.map(({ id }) => id);
    this.#host.live.put({ kind: "drag", dx: this.#dx, dy: this.#dy, ids });
  }

  end(): void {
    const changes = this.#shapes.map(({ id, shape }) => ({ id, shape: moved(shape, this.#dx, this.#dy) }));
    this.#clear();
    if (this.#started && (this.#dx !== 0 || this.#dy !== 0)) this.#host.commit(changes, "move");
  }

  cancel(): void {
    this.#clear();
  }

  #clear(): void {
    this.#host.show({ instead: new Map(), guides: [] });
    if (this.#started) this.#host.live.put({ kind: "drag", dx: 0, dy: 0, ids: [] });
  }

  #snap(dx: number, dy: number) {
    const { gridStep, zoom } = this.#host;
    const box = { ...this.#box, x: this.#box.x + dx, y: this.#box.y + dy };
    if (gridStep > 0) {
      const to = snapToGrid(box, gridStep);
      return { dx: to.x - box.x, dy: to.y - box.y, guides: [] };
    }
    this.#neighbours ??= this.#findNeighbours();
    return snapBox(box, this.#neighbours, SNAP_PX / zoom);
  }

  /** Ink is a scribble with no edges to keep to; everything else is. */
  #findNeighbours(): Box[] {
    const { scene } = this.#host;
    const own = new Set(this.#shapes.map(({ id }) => id));
    const boxes = scene
      .near(grown(this.#box, NEIGHBOURHOOD))
      .filter(({ id, shape }) => !own.has(id) && shape.type !== "ink" && shape.type !== "line")
      .slice(-MOST_NEIGHBOURS);
    return boxes.flatMap(({ id }) => scene.extent(id) ?? []);
  }
}
