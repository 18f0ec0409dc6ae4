/** The eraser: whole shapes, or what it touches of ink. One step to undo, however much it took. */

import { erased } from "../model/erase.ts";
import { distance, grown, type Point } from "../model/geometry.ts";
import type { Ink, Shape, ShapeId } from "../model/shape.ts";
import { boundsOf, hits } from "../model/shape-bounds.ts";
import { keysBetween } from "../model/z-order.ts";
import type { Gesture, Press, Sample, Tool, ToolHost } from "./tool.ts";

const WHOLE_RADIUS_PX = 6;
const LEAST_RADIUS_PX = 10;

export const eraser: Tool = (host, press) => new EraserGesture(host, press);

/** How large the rubber is on the page. */
export function rubberRadius(host: Pick<ToolHost, "style" | "zoom">): number {
  if (host.style.eraseWhole) return WHOLE_RADIUS_PX / host.zoom;
  return Math.max(LEAST_RADIUS_PX, host.style.width * 2) / host.zoom;
}

class EraserGesture implements Gesture {
  readonly #host: ToolHost;
  readonly #radius: number;
  readonly #left = new Map<ShapeId, readonly Shape[]>();
  #at: Point;

  constructor(host: ToolHost, press: Press) {
    this.#host = host;
    this.#radius = rubberRadius(host);
    this.#at = press.at;
    this.#pass(press.at, press.at);
  }

  move(samples: readonly Sample[]): void {
    for (const sample of samples) {
      this.#pass(this.#at, sample);
      this.#at = sample;
    }
  }

  end(): void {
    const changes = [...this.#left].flatMap(([id, pieces]) => this.#changes(id, pieces));
    this.cancel();
    if (changes.length > 0) this.#host.commit(changes, "erase");
  }

  cancel(): void {
    this.#host.show({ instead: new Map(), rubber: null });
  }

  #pass(from: Point, to: Point): void {
    const { scene, setter } = this.#host;
    const path = {
      x: Math.min(from.x, to.x),
      y: Math.min(from.y, to.y),
      width: Math.abs(to.x - from.x),
      height: Math.abs(to.y - from.y),
    };
    const area = grown(path, this.#radius + 4);
    for (const { id, shape, ghost } of scene.near(area)) {
      if (!scene.editable(id) && ghost === undefined) continue;
      const before = this.#left.get(id) ?? [shape];
      const after = before.flatMap((piece) => this.#rub(piece, from, to, setter));
      if (after.length !== before.length || after.some((piece, index) => piece !== before[index]))
        this.#left.set(id, after);
    }
    this.#host.show({ instead: new Map(this.#left), rubber: { ...to, radius: this.#radius } });
  }

  #rub(piece: Shape, from: Point, to: Point, setter: ToolHost["setter"]): readonly Shape[] {
    if (piece.type === "ink" && !this.#host.style.eraseWhole) {
      const reach = this.#radius + piece.style.width / 4;
      const pieces = piece.points.length === 3 ? null : erased(piece.points, from, to, reach);
      if (pieces) return pieces.map((points): Ink => ({ ...piece, points }));
      return piece.points.length === 3 && this.#touches(piece, from, to, setter) ? [] : [piece];
    }
    return this.#touches(piece, from, to, setter) ? [] : [piece];
  }

  #touches(shape: Shape, from: Point, to: Point, setter: ToolHost["setter"]): boolean {
    const steps = Math.max(1, Math.ceil(distance(from, to) / this.#radius));
    const bounds = boundsOf(shape, setter);
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      const at = { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
      if (bounds.width >= 0 && hits(shape, at, this.#radius, setter)) return true;
    }
    return false;
  }

  /** The first piece keeps the id, so that whoever holds the stroke keeps it; the others lie right above it. */
  #changes(id: ShapeId, pieces: readonly Shape[]): { id: ShapeId; shape: Shape | null }[] {
    const [first, ...others] = pieces;
    if (!first) return [{ id, shape: null }];
    const { page } = this.#host.scene;
    const above = page.order[page.order.indexOf(id) + 1];
    const keys = keysBetween(first.z, (above && page.shapes.get(above)?.shape.z) || null, others.length);
    const share = 1 / pieces.length;
    const aged = (shape: Shape): Shape => ({ ...shape, durationMs: Math.round(shape.durationMs * share) });
    return [
      { id, shape: aged(first) },
      ...others.map((shape, index) => ({
        id: this.#host.newId(),
        shape: { ...aged(shape), z: keys[index] ?? first.z },
      })),
    ];
  }
}
