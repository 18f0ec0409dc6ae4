/** Commands on the selected shapes, and shapes made without a pointer. */
import type { ToolName } from "../board-engine.ts";
import { restacked, type Where } from "../model/restack.ts";
import type { ShapeId } from "../model/shape.ts";
import { type Restyle, restyled } from "../model/shape-edit.ts";
import type { BoardCore } from "./board-core.ts";
import { imageAt, shapeAt } from "./made-shapes.ts";

export class ShapeCommands {
  readonly #core: BoardCore;

  constructor(core: BoardCore) {
    this.#core = core;
  }

  restyle(looks: Restyle): void {
    this.#core.commit(
      this.#core.changeable().map(({ id, shape }) => ({ id, shape: restyled(shape, looks) })),
      "change",
    );
  }

  remove(): void {
    const gone = this.#core.changeable();
    if (gone.length === 0) {
      this.#core.events.onAnnounce({ what: "nothing_selected" });
      return;
    }
    this.#core.commit(
      gone.map(({ id }) => ({ id, shape: null })),
      "delete",
    );
    this.#core.events.onAnnounce({ what: "deleted", count: gone.length });
  }

  order(where: Where): void {
    const page = this.#core.view.scene?.page;
    if (!page || this.#core.refusedByLock()) return;
    const ids = new Set(this.#core.changeable().map(({ id }) => id));
    const keyOf = (id: ShapeId) => page.shapes.get(id)?.shape.z ?? "";
    const keys = restacked(page.order, keyOf, ids, where);
    const changes = [...keys].flatMap(([id, z]) => {
      const known = this.#core.scene.get(id);
      return known ? [{ id, shape: { ...known.shape, z } }] : [];
    });
    this.#core.commit(changes, "change");
  }

  selectAll(): void {
    const page = this.#core.view.scene?.page;
    if (!page) return;
    this.#core.toSelect();
    this.#core.select(page.order.filter((id) => this.#core.scene.editable(id)));
  }

  create(tool: ToolName): void {
    if (!this.#core.view.scene || this.#core.refusedByLock()) return;
    const shape = shapeAt(tool, this.#core.style, this.#core.middle, this.#core.topKey());
    if (!shape) return;
    const id = this.#core.newId();
    if (shape.type === "text" || shape.type === "note") {
      this.#core.editText(id, shape, true);
      return;
    }
    if (!this.#core.commit([{ id, shape }], "draw")) return;
    this.#core.toSelect();
    this.#core.select([id]);
    this.#core.events.onAnnounce({ what: "created", count: 1 });
  }

  addImage(file: string, width: number, height: number, alternative: string, x?: number, y?: number): void {
    const info = this.#core.view.info;
    if (!info || this.#core.refusedByLock()) return;
    const middle = x === undefined || y === undefined ? this.#core.middle : { x, y };
    const shape = imageAt({ file, width, height, alternative }, info, middle, this.#core.topKey());
    const id = this.#core.newId();
    if (!this.#core.commit([{ id, shape }], "paste")) return;
    this.#core.toSelect();
    this.#core.select([id]);
  }
}
