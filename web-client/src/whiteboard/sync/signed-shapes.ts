/** What the engine sees of a page: the document's shapes, each with its author, and the ghosts that the document lacks. */
import type { ShapeId } from "../model/shape.ts";
import type { PageChange, PageShape } from "../page-model.ts";
import { PageShapes } from "../page-shapes.ts";
import type { Writer } from "./board-messages.ts";
import type { Ghost } from "./keeper.ts";
import type { PageDocument } from "./page-document.ts";

export class SignedShapes {
  readonly #person: string;
  /** The present one: it is replaced when the page is fetched afresh. */
  readonly #document: () => PageDocument;
  readonly #shapes = new PageShapes();
  readonly #writers = new Map<number, Writer>();
  #ghosts: readonly Ghost[] = [];
  readonly #ghostly = new Set<ShapeId>();

  constructor(person: string, document: () => PageDocument) {
    this.#person = person;
    this.#document = document;
  }

  get shapes(): ReadonlyMap<ShapeId, PageShape> {
    return this.#shapes.shapes;
  }

  get order(): readonly ShapeId[] {
    return this.#shapes.order;
  }

  subscribe(listener: (change: PageChange) => void): () => void {
    return this.#shapes.subscribe(listener);
  }

  /** Nothing but the right to write is different. */
  rightChanged(): void {
    this.#shapes.emit({ ids: [], by: "elsewhere", right: true });
  }

  changed(ids: ReadonlySet<ShapeId>, here: boolean): void {
    for (const id of ids) this.#describe(id);
    this.#shapes.emit({ ids: [...ids], by: here ? "here" : "elsewhere", right: false });
  }

  /** Another document. */
  reset(): void {
    this.#shapes.clear();
    this.describeAll();
    this.#putGhosts();
    this.#shapes.emit({ ids: [...this.#shapes.shapes.keys()], by: "reset", right: true });
  }

  clear(): void {
    this.#shapes.clear();
  }

  describeAll(): void {
    for (const id of this.#document().shapes()) this.#describe(id);
  }

  setWriters(writers: readonly Writer[]): void {
    for (const writer of writers) this.#writers.set(writer.client, writer);
  }

  /** This tab writes with this client id. */
  sign(client: number): void {
    this.#writers.set(client, { client, person: this.#person as Writer["person"], name: "" });
  }

  writer(writer: Writer): void {
    this.#writers.set(writer.client, writer);
    const document = this.#document();
    const ids = document.shapes().filter((id) => document.clientOf(id) === writer.client);
    for (const id of ids) this.#describe(id);
    if (ids.length > 0) this.#shapes.emit({ ids, by: "elsewhere", right: false });
  }

  /** Shapes that were refused and that the page does not have: dimmed, for their author alone. */
  setGhosts(ghosts: readonly Ghost[]): void {
    const touched = [...this.#ghostly];
    for (const id of this.#ghostly) if (!this.#document().has(id)) this.#shapes.remove(id);
    this.#ghosts = ghosts;
    this.#putGhosts();
    touched.push(...this.#ghostly);
    if (touched.length > 0) this.#shapes.emit({ ids: [...new Set(touched)], by: "elsewhere", right: false });
  }

  #putGhosts(): void {
    this.#ghostly.clear();
    for (const { changes, code } of this.#ghosts)
      for (const { shape, value, made } of changes) {
        if (!value || !made || this.#document().has(shape)) continue;
        this.#ghostly.add(shape);
        this.#shapes.put(shape, value, { mine: true, author: "", ghost: code });
      }
  }

  #describe(id: ShapeId): void {
    const document = this.#document();
    const blob = document.get(id);
    if (!blob) {
      this.#shapes.remove(id);
      return;
    }
    this.#ghostly.delete(id);
    const writer = this.#writers.get(document.clientOf(id) ?? -1);
    this.#shapes.put(id, blob, {
      mine: writer !== undefined && writer.person === this.#person,
      author: writer?.name ?? "",
    });
  }
}
