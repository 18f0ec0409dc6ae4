/** Keeps a page's shapes decoded and in order for its model: blobs in, sorted shapes and changes out. */
import type { ShapeId } from "./model/shape.ts";
import { decodeShape } from "./model/shape-codec.ts";
import { compareZ } from "./model/z-order.ts";
import type { PageChange, PageShape } from "./page-model.ts";

/** From so many changes on it is quicker to sort all. */
const SORT_ANEW = 64;

export class PageShapes {
  readonly #shapes = new Map<ShapeId, PageShape>();
  #order: ShapeId[] = [];
  /** Ids that came, went or changed their place since the order was last read. */
  readonly #unplaced = new Set<ShapeId>();
  readonly #listeners = new Set<(change: PageChange) => void>();

  get shapes(): ReadonlyMap<ShapeId, PageShape> {
    return this.#shapes;
  }

  get order(): readonly ShapeId[] {
    if (this.#unplaced.size > SORT_ANEW) this.#order = this.#sorted(this.#shapes.keys());
    else if (this.#unplaced.size > 0) this.#placeAll();
    this.#unplaced.clear();
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
    if (before?.shape.z !== shape.z) this.#unplaced.add(id);
    return true;
  }

  remove(id: ShapeId): void {
    if (this.#shapes.delete(id)) this.#unplaced.add(id);
  }

  clear(): void {
    this.#shapes.clear();
    this.#order = [];
    this.#unplaced.clear();
  }

  emit(change: PageChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  /** With two people drawing, the newest stroke is not always the highest: it is put in, not everything sorted. */
  #placeAll(): void {
    const order = this.#order.filter((id) => !this.#unplaced.has(id));
    for (const id of this.#unplaced) {
      if (!this.#shapes.has(id)) continue;
      let low = 0;
      let high = order.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        const other = order[middle];
        if (other !== undefined && this.#compare(other, id) < 0) low = middle + 1;
        else high = middle;
      }
      order.splice(low, 0, id);
    }
    this.#order = order;
  }

  #sorted(ids: Iterable<ShapeId>): ShapeId[] {
    return [...ids].sort((a, b) => this.#compare(a, b));
  }

  #compare(a: ShapeId, b: ShapeId): number {
    const z = (id: ShapeId) => this.#shapes.get(id)?.shape.z ?? "";
    return compareZ({ id: a, z: z(a) }, { id: b, z: z(b) });
  }
}
