/** Undo and redo of what this person did on a page. What somebody else changed later stays as it is. */
import type { ChangeLabel, PageModel, ShapeChange } from "../page-model.ts";
import { type ShapeId, sameBytes } from "./shape.ts";

interface Step {
  readonly label: ChangeLabel;
  readonly items: readonly {
    readonly id: ShapeId;
    readonly before: Uint8Array | null;
    readonly after: Uint8Array | null;
  }[];
}

const MOST_STEPS = 200;

export class History {
  readonly #page: PageModel;
  #undo: Step[] = [];
  #redo: Step[] = [];

  constructor(page: PageModel) {
    this.#page = page;
  }

  get canUndo(): boolean {
    return (
      this.#page.right !== "none" &&
      this.#undo.findLast((step) => this.#live(step, "after").length > 0) !== undefined
    );
  }

  get canRedo(): boolean {
    return (
      this.#page.right !== "none" &&
      this.#redo.findLast((step) => this.#live(step, "before").length > 0) !== undefined
    );
  }

  do(changes: readonly ShapeChange[], label: ChangeLabel): void {
    if (changes.length === 0 || this.#page.right === "none") return;
    const items = changes.map(({ id, blob }) => ({ id, before: this.#blob(id), after: blob }));
    this.#page.apply(changes, label);
    this.#undo.push({ label, items });
    if (this.#undo.length > MOST_STEPS) this.#undo.shift();
    this.#redo = [];
  }

  /** The ids that came back or changed; empty = there was nothing to undo. */
  undo(): readonly ShapeId[] {
    return this.#turn(this.#undo, this.#redo, "after", "before", "undo");
  }

  redo(): readonly ShapeId[] {
    return this.#turn(this.#redo, this.#undo, "before", "after", "redo");
  }

  /** Steps that somebody else has overwritten altogether are dropped on the way. */
  #turn(
    from: Step[],
    to: Step[],
    now: "before" | "after",
    then: "before" | "after",
    label: ChangeLabel,
  ): readonly ShapeId[] {
    if (this.#page.right === "none") return [];
    for (let step = from.pop(); step; step = from.pop()) {
      const items = this.#live(step, now);
      if (items.length === 0) continue;
      this.#page.apply(
        items.map((item) => ({ id: item.id, blob: item[then] })),
        label,
      );
      to.push({ label: step.label, items });
      return items.map((item) => item.id);
    }
    return [];
  }

  #live(step: Step, now: "before" | "after") {
    return step.items.filter((item) => sameBytes(this.#blob(item.id), item[now]));
  }

  #blob(id: ShapeId): Uint8Array | null {
    const known = this.#page.shapes.get(id);
    return known && known.ghost === undefined ? known.blob : null;
  }
}
