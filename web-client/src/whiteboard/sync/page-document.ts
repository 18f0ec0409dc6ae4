/** One page at one epoch: a Yjs document whose root map `e` holds a blob for each shape (docs/protocol.md section 3.2). */
import * as Y from "yjs";
import type { ShapeId } from "../model/shape.ts";
import type { KeptChange } from "./keeper.ts";

/** Shapes to set, and null for those to remove. */
export type Edits = ReadonlyMap<ShapeId, Uint8Array | null>;

export interface DocumentListener {
  /** A change of this person's, as one update. */
  local(update: Uint8Array, changes: readonly KeptChange[]): void;
  /** Shapes that are different now. */
  changed(shapes: ReadonlySet<ShapeId>, here: boolean): void;
}

/** Below the server's 256 structs and 64 kB for an update, with room for what a change brings along. */
const SHAPES_EACH = 120;
const BYTES_EACH = 48_000;

export class PageDocument {
  readonly #doc = new Y.Doc();
  readonly #map: Y.Map<Uint8Array> = this.#doc.getMap("e");
  #changes: KeptChange[] = [];
  #client: number | null = null;

  constructor(listener: DocumentListener) {
    this.#map.observe((event, transaction) => {
      const shapes = new Set<ShapeId>();
      for (const [key, { action }] of event.changes.keys) {
        const shape = key as ShapeId;
        shapes.add(shape);
        if (transaction.local)
          this.#changes.push({ shape, value: this.get(shape) ?? null, made: action === "add" });
      }
      listener.changed(shapes, transaction.local);
    });
    this.#doc.on(
      "update",
      (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
        if (!transaction.local) return;
        const changes = this.#changes;
        this.#changes = [];
        listener.local(update, changes);
      },
    );
  }

  /** The Yjs client id that the server gave to write with. */
  set client(id: number) {
    this.#client = id;
    this.#doc.clientID = id;
  }

  get size(): number {
    return this.#map.size;
  }

  has(shape: ShapeId): boolean {
    return this.#map.has(shape);
  }

  /** What is no blob was let in by nobody: it is passed over. */
  get(shape: ShapeId): Uint8Array | undefined {
    const value: unknown = this.#map.get(shape);
    return value instanceof Uint8Array ? value : undefined;
  }

  shapes(): readonly ShapeId[] {
    return [...this.#map.keys()] as ShapeId[];
  }

  /**
   * Whose it is: the Yjs client that wrote it first, as the server's gate has it. Who moved it since does not count; the
   * leftmost item of a key stays there when it is written over.
   */
  clientOf(shape: ShapeId): number | undefined {
    let item = this.#map._map.get(shape);
    while (item?.left) item = item.left;
    return item?.id.client;
  }

  /** False = not a Yjs update: nothing was changed. */
  merge(update: Uint8Array): boolean {
    try {
      Y.applyUpdate(this.#doc, update, "server");
      return true;
    } catch {
      return false;
    } finally {
      // Yjs takes another id when its own writes come back, as they do after a reload; the server knows only this one.
      if (this.#client !== null) this.#doc.clientID = this.#client;
    }
  }

  /** Shapes that are so already are left out. A large change leaves in several updates. */
  edit(edits: Edits): void {
    const wanted = [...edits].filter(([shape, value]) =>
      value === null ? this.#map.has(shape) : !same(this.get(shape), value),
    );
    for (const part of parts(wanted))
      this.#doc.transact(() => {
        for (const [shape, value] of part)
          if (value) this.#map.set(shape, value);
          else this.#map.delete(shape);
      }, "here");
  }

  state(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc);
  }

  vector(): Uint8Array {
    return Y.encodeStateVector(this.#doc);
  }

  close(): void {
    this.#doc.destroy();
  }
}

type Edit = readonly [ShapeId, Uint8Array | null];

function* parts(edits: readonly Edit[]): Generator<readonly Edit[]> {
  let part: Edit[] = [];
  let bytes = 0;
  for (const edit of edits) {
    const size = 40 + (edit[1]?.length ?? 0);
    if (part.length >= SHAPES_EACH || (part.length > 0 && bytes + size > BYTES_EACH)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(edit);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

function same(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return (
    one !== undefined && one.length === other.length && one.every((byte, index) => byte === other[index])
  );
}
