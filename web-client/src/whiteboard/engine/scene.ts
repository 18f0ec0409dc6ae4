/** A page's shapes as the engine needs them: found by place, painted in order, with those hidden that a tool is changing. */
import { boxAround, cornersOf, unionOf } from "../model/geometry.ts";
import type { Box, Shape, ShapeId } from "../model/shape.ts";
import { boundsOf, frameOf, hits } from "../model/shape-bounds.ts";
import { SpatialIndex } from "../model/spatial-index.ts";
import type { TextSetter } from "../model/text-layout.ts";
import { compareZ } from "../model/z-order.ts";
import type { PageModel, PageShape } from "../page-model.ts";

export class Scene {
  readonly page: PageModel;
  readonly #setter: TextSetter;
  readonly #index = new SpatialIndex();
  readonly #hidden = new Set<ShapeId>();
  readonly #ghosts = new Set<ShapeId>();

  constructor(page: PageModel, setter: TextSetter) {
    this.page = page;
    this.#setter = setter;
    this.rebuild();
  }

  get(id: ShapeId): PageShape | undefined {
    return this.page.shapes.get(id);
  }

  /** May this person change it now? Ghosts may be thrown away, not changed. */
  editable(id: ShapeId): boolean {
    const known = this.page.shapes.get(id);
    if (!known || this.page.right === "none" || known.ghost !== undefined) return false;
    return this.page.right === "all" || known.mine;
  }

  rebuild(): void {
    this.#index.clear();
    this.#ghosts.clear();
    for (const { id, shape, ghost } of this.page.shapes.values()) {
      this.#index.put(id, boundsOf(shape, this.#setter));
      if (ghost !== undefined) this.#ghosts.add(id);
    }
  }

  /** Takes a change of the page in; what has to be painted again. */
  refresh(id: ShapeId): { before: Box | null; after: Box | null } {
    const before = this.#index.box(id) ?? null;
    const known = this.page.shapes.get(id);
    if (known?.ghost === undefined) this.#ghosts.delete(id);
    else this.#ghosts.add(id);
    if (!known) {
      this.#index.remove(id);
      this.#hidden.delete(id);
      return { before, after: null };
    }
    const after = boundsOf(known.shape, this.#setter);
    this.#index.put(id, after);
    return { before, after };
  }

  get ghosts(): PageShape[] {
    return [...this.#ghosts].flatMap((id) => this.page.shapes.get(id) ?? []);
  }

  bounds(id: ShapeId): Box | null {
    return this.#index.box(id) ?? null;
  }

  /** Around the shape itself, without the room that its stroke and marks are given for painting. */
  extent(id: ShapeId): Box | null {
    const known = this.page.shapes.get(id);
    if (!known) return null;
    const frame = frameOf(known.shape, this.#setter);
    return boxAround(cornersOf(frame, frame.angle));
  }

  boundsOfAll(ids?: Iterable<ShapeId>): Box | null {
    const boxes: Box[] = [];
    for (const id of ids ?? this.page.shapes.keys()) {
      const box = this.#index.box(id);
      if (box) boxes.push(box);
    }
    return unionOf(boxes);
  }

  isHidden(id: ShapeId): boolean {
    return this.#hidden.has(id);
  }

  /** Hidden shapes are not in the bitmaps: a tool shows them otherwise. Gives the places that changed. */
  hide(ids: Iterable<ShapeId>): Box[] {
    const next = new Set(ids);
    const changed: Box[] = [];
    for (const id of new Set([...next, ...this.#hidden])) {
      const box = this.#index.box(id);
      if (box && next.has(id) !== this.#hidden.has(id)) changed.push(box);
    }
    this.#hidden.clear();
    for (const id of next) this.#hidden.add(id);
    return changed;
  }

  /** From the lowest to the highest. */
  near(area: Box): PageShape[] {
    const found: PageShape[] = [];
    for (const id of this.#index.near(area)) {
      const known = this.page.shapes.get(id);
      if (known) found.push(known);
    }
    return found.sort((a, b) => compareZ({ id: a.id, z: a.shape.z }, { id: b.id, z: b.shape.z }));
  }

  visibleNear(area: Box): PageShape[] {
    return this.near(area).filter(({ id }) => !this.#hidden.has(id));
  }

  isTop(id: ShapeId): boolean {
    return this.page.order.at(-1) === id;
  }

  topKey(): string | null {
    const top = this.page.order.at(-1);
    return (top && this.page.shapes.get(top)?.shape.z) || null;
  }

  /** The highest shape at a point that `takes` accepts. */
  at(x: number, y: number, tolerance: number, takes: (shape: PageShape) => boolean): PageShape | null {
    const area = { x: x - tolerance, y: y - tolerance, width: 2 * tolerance, height: 2 * tolerance };
    const found = this.near(area)
      .reverse()
      .find((known) => takes(known) && hits(known.shape, { x, y }, tolerance, this.#setter));
    return found ?? null;
  }

  boundsOfShape(shape: Shape): Box {
    return boundsOf(shape, this.#setter);
  }
}
