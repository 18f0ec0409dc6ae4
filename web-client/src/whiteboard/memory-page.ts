/** A page that lives in this tab alone: for tests, the gallery, and trying the board without a server. */
import type { ShapeId } from "./model/shape.ts";
import type { ChangeLabel, PageChange, PageModel, PageRight, PageShape, ShapeChange } from "./page-model.ts";
import { PageShapes } from "./page-shapes.ts";

export class MemoryPage implements PageModel {
  readonly #kept = new PageShapes();
  readonly #author: string;
  readonly #prefix: string;
  #right: PageRight;
  #count = 0;
  /** Every label that was applied, oldest first. */
  readonly applied: ChangeLabel[] = [];

  constructor(right: PageRight = "all", author = "", prefix = "memory") {
    this.#right = right;
    this.#author = author;
    this.#prefix = prefix;
  }

  get shapes(): ReadonlyMap<ShapeId, PageShape> {
    return this.#kept.shapes;
  }

  get order(): readonly ShapeId[] {
    return this.#kept.order;
  }

  get right(): PageRight {
    return this.#right;
  }

  subscribe(listener: (change: PageChange) => void): () => void {
    return this.#kept.subscribe(listener);
  }

  apply(changes: readonly ShapeChange[], label: ChangeLabel): void {
    if (this.#right === "none") return;
    this.applied.push(label);
    for (const { id, blob } of changes) {
      const before = this.shapes.get(id);
      if (!blob) this.#kept.remove(id);
      else this.#kept.put(id, blob, { mine: before?.mine ?? true, author: before?.author ?? this.#author });
    }
    this.#kept.emit({ ids: changes.map(({ id }) => id), by: "here", right: false });
  }

  setAside(changes: readonly ShapeChange[]): void {
    this.elsewhere(changes, "", "locked");
  }

  newId(): ShapeId {
    this.#count += 1;
    return `${this.#prefix}${String(this.#count).padStart(8, "0")}` as ShapeId;
  }

  setRight(right: PageRight): void {
    this.#right = right;
    this.#kept.emit({ ids: [], by: "elsewhere", right: true });
  }

  /** What somebody else does to the page. */
  elsewhere(changes: readonly ShapeChange[], author: string, ghost?: string): void {
    for (const { id, blob } of changes) {
      if (!blob) this.#kept.remove(id);
      else this.#kept.put(id, blob, { mine: ghost !== undefined, author, ...(ghost && { ghost }) });
    }
    this.#kept.emit({ ids: changes.map(({ id }) => id), by: "elsewhere", right: false });
  }
}
