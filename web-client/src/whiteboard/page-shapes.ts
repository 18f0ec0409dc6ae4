/** Keeps a page's shapes decoded and in order for its model: blobs in, sorted shapes and changes out. */
import type { Shape, ShapeId } from "./model/shape.ts";
import { decodeShape } from "./model/shape-codec.ts";
import { compareZ } from "./model/z-order.ts";
import type { PageChange, PageShape } from "./page-model.ts";

export class PageShapes {
  readonly #shapes = new Map<ShapeId, PageShape>();
  #order: ShapeId[] = [];
  #orderIsOld = false;
  readonly #listeners = new Set<(change: PageChange) => void>();

  get shapes(): ReadonlyMap<ShapeId, PageShape> {
    return this.#shapes;
  }

  get order(): readonly ShapeId[] {
    if (this.#orderIsOld) {
      const key = (id: ShapeId) => ({ id, z: this.#shapes.get(id)?.shape.z ?? "" });
      this.#order = [...this.#shapes.keys()]
        .map(key)
        .sort(compareZ)
        .map(({ id }) => id);
      this.#orderIsOld = false;
    }
    return this.#order;
  }

  subscribe(listener: (change: PageChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** False = the bytes are no shape; a shape that was there under this id is gone then. Tell `emit` of it. */
  put(id: ShapeId, blob: Uint8Array, about: { mine: boolean; author: string; ghost?: string }): boolean {
    const shape = decodeShape(blob);
    if (!shape) {
      this.remove(id);
      return false;
    }
    const before = this.#shapes.get(id);
    this.#shapes.set(id, { id, shape, blob, ...about });
    if (before?.shape.z !== shape.z) this.#place(id, shape, before !== undefined);
    return true;
  }

  remove(id: ShapeId): void {
    if (!this.#shapes.delete(id)) return;
    if (this.#order.at(-1) === id && !this.#orderIsOld) this.#order.pop();
    else this.#orderIsOld = true;
  }

  clear(): void {
    this.#shapes.clear();
    this.#order = [];
    this.#orderIsOld = false;
  }

  emit(change: PageChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  /** A new stroke is nearly always the highest: then nothing has to be sorted. */
  #place(id: ShapeId, shape: Shape, moved: boolean): void {
    const top = this.#order.at(-1);
    const topShape = top && this.#shapes.get(top);
    if (moved || this.#orderIsOld) this.#orderIsOld = true;
    else if (!topShape || compareZ({ id: topShape.id, z: topShape.shape.z }, { id, z: shape.z }) < 0)
      this.#order.push(id);
    else this.#orderIsOld = true;
  }
}
