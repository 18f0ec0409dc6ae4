/** Finds the shapes near a place: a grid of cells, so that 20,000 strokes cost as little as those in view. */
import { overlap } from "./geometry.ts";
import type { Box, ShapeId } from "./shape.ts";

const CELL = 128;
/** What covers more cells than this is looked at always. */
const MOST_CELLS = 256;

export class SpatialIndex {
  readonly #boxes = new Map<ShapeId, Box>();
  readonly #cells = new Map<number, Set<ShapeId>>();
  readonly #large = new Set<ShapeId>();

  get size(): number {
    return this.#boxes.size;
  }

  box(id: ShapeId): Box | undefined {
    return this.#boxes.get(id);
  }

  put(id: ShapeId, box: Box): void {
    this.remove(id);
    this.#boxes.set(id, box);
    const cells = cellsOf(box);
    if (!cells) {
      this.#large.add(id);
      return;
    }
    for (const key of cells) {
      const cell = this.#cells.get(key);
      if (cell) cell.add(id);
      else this.#cells.set(key, new Set([id]));
    }
  }

  remove(id: ShapeId): void {
    const box = this.#boxes.get(id);
    if (!box) return;
    this.#boxes.delete(id);
    if (this.#large.delete(id)) return;
    for (const key of cellsOf(box) ?? []) {
      const cell = this.#cells.get(key);
      cell?.delete(id);
      if (cell?.size === 0) this.#cells.delete(key);
    }
  }

  clear(): void {
    this.#boxes.clear();
    this.#cells.clear();
    this.#large.clear();
  }

  /** Ids whose box overlaps, in no order. */
  near(box: Box): ShapeId[] {
    const found = new Set<ShapeId>();
    const take = (ids: Iterable<ShapeId>) => {
      for (const id of ids) {
        const known = this.#boxes.get(id);
        if (known && overlap(known, box)) found.add(id);
      }
    };
    const cells = cellsOf(box);
    if (!cells) take(this.#boxes.keys());
    else {
      take(this.#large);
      for (const key of cells) take(this.#cells.get(key) ?? []);
    }
    return [...found];
  }
}

/** Null = too many. Rows are told apart by a factor that no page reaches. */
function cellsOf(box: Box): number[] | null {
  const left = Math.floor(box.x / CELL);
  const top = Math.floor(box.y / CELL);
  const right = Math.floor((box.x + box.width) / CELL);
  const bottom = Math.floor((box.y + box.height) / CELL);
  if ((right - left + 1) * (bottom - top + 1) > MOST_CELLS) return null;
  const keys: number[] = [];
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) keys.push(row * 0x100000 + column);
  return keys;
}
