/**
 * One page between its engine and the server: the document, what is on its way, and what was refused.
 *
 * idle -> loading (kept copy is read) -> local (can be shown and, with a client id, drawn on)
 * local -> opening (socket is there) -> filling (missing updates are on their way) -> live
 * live | filling | opening -> local (socket is gone) ; any -> opening (refused change, new epoch, gap)
 */
import type { ShapeId } from "../model/shape.ts";
import type { ChangeLabel, PageChange, PageModel, PageRight, PageShape, ShapeChange } from "../page-model.ts";
import { PageShapes } from "../page-shapes.ts";
import { encodeUpdate, type Frame } from "./board-frames.ts";
import type { MessageOf, Writer } from "./board-messages.ts";
import type { NackCode, PageNumber } from "./board-vocabulary.ts";
import type { Clock } from "./clock.ts";
import type { CopyShelf, HeldCopy } from "./copy-shelf.ts";
import type { Ghost, KeptChange } from "./keeper.ts";
import { Outbox } from "./outbox.ts";
import { PageDocument } from "./page-document.ts";
import { afterRefusal, editsOf, type Rewrite } from "./refusals.ts";

export type PageStatus = "idle" | "loading" | "local" | "opening" | "filling" | "live" | "gone";

export interface PagePorts {
  readonly shelf: CopyShelf;
  readonly clock: Clock;
  readonly randomId: () => string;
  /** Null = no connection. */
  request(type: string, fields: object): Promise<{ readonly ok: boolean; readonly code?: string }>;
  send(frame: Uint8Array<ArrayBuffer>): boolean;
  /** An acknowledgement is awaited from now on. */
  watch(): void;
  /** Something that the store shows is different. */
  changed(): void;
  refused(ghost: Ghost): void;
  /** The person of this tab. */
  readonly person: string;
}

const SAVE_AFTER_MS = 2_000;
const AGAIN_AFTER_MS = 1_500;
/** Refusals in a row without one change getting through: then the rest is handed back to the person. */
const REFUSALS_MAX = 3;

export class PageSync implements PageModel {
  readonly number: PageNumber;
  readonly #ports: PagePorts;
  readonly #shapes = new PageShapes();
  readonly #outbox: Outbox;
  #document: PageDocument;
  #status: PageStatus = "idle";
  #copy: HeldCopy | null = null;
  #epoch = 0;
  #seq = 0;
  #awaited = 0;
  #client: number | null = null;
  /** The document is to be replaced by the snapshot that comes. */
  #replacing = false;
  #right: PageRight = "none";
  #writers = new Map<number, Writer>();
  #rewrites: Rewrite[] = [];
  #refusals = 0;
  #ghosts: readonly Ghost[] = [];
  readonly #ghostly = new Set<ShapeId>();
  /** Nothing is written before it is clear where it will be kept. */
  #choosingCopy = false;
  #connected = false;
  #newConnection = true;
  /** Copies whose changes are being done again elsewhere: forgotten as soon as that is kept. */
  #spent: HeldCopy[] = [];
  #stopSave: (() => void) | null = null;
  #stopAgain: () => void = () => {};
  #closed = false;

  constructor(number: PageNumber, ports: PagePorts) {
    this.number = number;
    this.#ports = ports;
    this.#document = this.#freshDocument();
    this.#outbox = new Outbox(
      ports.shelf.keeper,
      (n, update) => {
        const sent = ports.send(encodeUpdate(this.number, this.#epoch, n, update));
        if (sent) ports.watch();
        return sent;
      },
      () => ports.changed(),
    );
  }

  get status(): PageStatus {
    return this.#status;
  }

  /** Changes that the server has not stored yet. */
  get waiting(): number {
    return this.#outbox.size + this.#rewrites.length;
  }

  get shapes(): ReadonlyMap<ShapeId, PageShape> {
    return this.#shapes.shapes;
  }

  get order(): readonly ShapeId[] {
    return this.#shapes.order;
  }

  /** Without a client id there is nothing to write with, whatever the page allows. */
  get right(): PageRight {
    return this.#client === null ? "none" : this.#right;
  }

  get epoch(): number {
    return this.#epoch;
  }

  subscribe(listener: (change: PageChange) => void): () => void {
    return this.#shapes.subscribe(listener);
  }

  newId(): ShapeId {
    return this.#ports.randomId() as ShapeId;
  }

  apply(changes: readonly ShapeChange[], _label: ChangeLabel): void {
    if (this.right === "none") return;
    this.#document.edit(new Map(changes.map(({ id, blob }) => [id, blob])));
  }

  /** Reads the kept copy, so that the page is there before the server answers, and without it. */
  async load(): Promise<void> {
    if (this.#status !== "idle") return;
    this.#to("loading");
    const { own, left } = await this.#ports.shelf.take(this.number);
    if (this.#closed) {
      for (const copy of own ? [own, ...left] : left) copy.release();
      return;
    }
    if (own) {
      this.#copy = own;
      this.#epoch = own.key.epoch;
      this.#seq = own.seq;
      if (own.key.client > 0) this.#writeAs(own.key.client);
      if (own.state) this.#document.merge(own.state);
    }
    for (const copy of own ? [own, ...left] : left) this.#adopt(copy);
    this.#to("local");
    this.#emitReset();
    if (this.#connected) this.open();
  }

  setRight(right: PageRight): void {
    const different = right !== this.#right;
    this.#right = right;
    if (different) this.#emit({ ids: [], by: "elsewhere", right: true });
    if (this.#status !== "live") return;
    // Who could not write was given no client id: now there is one to ask for.
    if (right !== "none" && this.#client === null) this.open();
    else if (different) this.#rewrite();
  }

  /** Shapes that were refused and that the page does not have: dimmed, for their author alone. */
  setGhosts(ghosts: readonly Ghost[]): void {
    const touched = [...this.#ghostly];
    for (const id of this.#ghostly) if (!this.#document.has(id)) this.#shapes.remove(id);
    this.#ghosts = ghosts;
    this.#putGhosts();
    touched.push(...this.#ghostly);
    if (touched.length > 0) this.#emit({ ids: [...new Set(touched)], by: "elsewhere", right: false });
  }

  /** Offers refused changes once more. */
  offer(changes: readonly KeptChange[]): void {
    this.#rewrites.push({ changes, code: "locked" });
    this.#ports.changed();
    if (this.#status === "live") this.#rewrite();
  }

  connected(): void {
    this.#connected = true;
    this.#newConnection = true;
    if (this.#status !== "idle" && this.#status !== "loading") this.open();
  }

  disconnected(): void {
    this.#connected = false;
    this.#stopAgain();
    this.#outbox.pause();
    if (this.#status !== "idle" && this.#status !== "loading" && this.#status !== "gone") this.#to("local");
  }

  /** Asks for the page anew; `afresh` = what is here is not to be built upon. */
  open(afresh = false): void {
    if (!this.#connected || this.#closed) return;
    this.#outbox.pause();
    this.#to("opening");
    this.#replacing = afresh || this.#epoch === 0;
    const known = this.#replacing
      ? {}
      : {
          epoch: this.#epoch,
          seq: this.#seq,
          vector: base64(this.#document.vector()),
          ...(this.#client !== null && { client: this.#client }),
        };
    void this.#ports.request("open", { page: this.number, ...known }).then(({ ok, code }) => {
      if (ok || this.#closed || this.#status !== "opening") return;
      if (code === "unknown_page" || code === "forbidden") this.#to("gone");
      else if (code !== "offline") this.#again();
    });
  }

  async opened(message: MessageOf<"opened">): Promise<void> {
    if (this.#status !== "opening") return;
    for (const writer of message.writers) this.#writers.set(writer.client, writer);
    if (message.epoch !== this.#epoch || message.reset) this.#replacing = true;
    if (message.epoch !== this.#epoch) this.#setAside(this.#outbox.clear(), "epoch");
    this.#awaited = message.seq;
    if (this.#replacing) {
      this.#seq = 0;
      this.#stopWriting();
    }
    this.#to("filling");
    this.#choosingCopy = true;
    await this.#takeCopy(message.epoch, message.client);
    this.#choosingCopy = false;
    if (this.#closed || this.status !== "filling") return;
    this.#writeAs(message.client);
    this.#describeAll();
    this.#filled();
  }

  writer(writer: Writer): void {
    this.#writers.set(writer.client, writer);
    const ids = this.#document.shapes().filter((id) => this.#document.clientOf(id) === writer.client);
    for (const id of ids) this.#describe(id);
    if (ids.length > 0) this.#emit({ ids, by: "elsewhere", right: false });
  }

  frame(frame: Frame): void {
    if (frame.kind === "live" || this.#status === "local" || this.#status === "gone") return;
    if (frame.kind === "ack") {
      if (frame.epoch === this.#epoch) this.#acknowledged(frame.n);
      return;
    }
    if (this.#status === "opening" || this.#status === "loading") return;
    if (frame.kind === "state") this.#takeState(frame.epoch, frame.seq, frame.update);
    else this.#takeUpdates(frame.first, frame.updates, frame.epoch);
  }

  nack(n: number, code: NackCode): void {
    if (this.#status !== "live" && this.#status !== "filling") return;
    const refused = this.#outbox.refused(n);
    if (refused.length === 0) return;
    this.#refusals++;
    const verdict = afterRefusal(refused, code, this.#refusals > REFUSALS_MAX);
    for (const { changes, code: why } of verdict.ghosts) this.#toGhost(changes, why);
    this.#rewrites.push(...verdict.rewrites);
    if (this.#copy) this.#spent.push(this.#copy);
    this.#copy = null;
    this.#stopWriting();
    if (verdict.wait) this.#again(true);
    else this.open(true);
  }

  /** Rewritten under a new epoch. */
  rolled(): void {
    this.open(true);
  }

  /** The tab is hidden or closes: the copy is brought up to date. */
  async flush(): Promise<void> {
    this.#stopSave?.();
    this.#stopSave = null;
    if (this.#copy && this.#status !== "loading" && !this.#replacing)
      await this.#copy.save(this.#seq, this.#document.state());
  }

  pump(): void {
    this.#outbox.pump();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopAgain();
    this.#outbox.pause();
    await this.flush().catch(() => {});
    this.#copy?.release();
    this.#document.close();
  }

  #adopt(copy: HeldCopy): void {
    if (copy.key.epoch !== this.#epoch && this.#epoch !== 0) {
      this.#setAside(copy.waiting, "epoch");
      this.#spent.push(copy);
      return;
    }
    this.#epoch ||= copy.key.epoch;
    for (const { update } of copy.updates) this.#document.merge(update);
    this.#outbox.adopt(copy.waiting);
  }

  async #takeCopy(epoch: number, client: number | null): Promise<void> {
    const before = this.#copy;
    this.#epoch = epoch;
    if (before && before.key.epoch === epoch && before.key.client === (client ?? 0)) return;
    // Until the new copy is there, what is drawn goes into the old one, under the old client id.
    const copy = await this.#ports.shelf.begin(this.number, epoch, client ?? 0);
    if (this.#closed) copy.release();
    else this.#copy = copy;
    if (before?.key.epoch !== epoch) {
      if (before) this.#spent.push(before);
    } else if (!this.#outbox.entries.some(({ key }) => key === before.key)) this.#ports.shelf.forget(before);
    this.#saveSoon();
  }

  #takeState(epoch: number, seq: number, update: Uint8Array): void {
    if (epoch !== this.#epoch) return;
    if (this.#replacing) {
      this.#startOver();
      if (!this.#document.merge(update)) {
        this.open(true);
        return;
      }
      for (const waiting of this.#outbox.entries) this.#document.merge(waiting.update);
      this.#emitReset();
    } else if (!this.#document.merge(update)) {
      this.open(true);
      return;
    }
    this.#seq = Math.max(this.#seq, seq);
    this.#saveSoon();
    this.#filled();
  }

  #takeUpdates(first: number, updates: readonly Uint8Array[], epoch: number): void {
    if (epoch !== this.#epoch) return;
    if (first > this.#seq + 1) {
      this.open(this.#replacing);
      return;
    }
    if (this.#replacing) this.#startOver();
    for (const update of updates)
      if (update.length > 0 && !this.#document.merge(update)) {
        this.open(true);
        return;
      }
    this.#seq = Math.max(this.#seq, first + updates.length - 1);
    this.#saveSoon();
    this.#filled();
  }

  /** Everything that was asked for is here: from now on changes are sent. */
  #filled(): void {
    if (this.#status !== "filling" || this.#seq < this.#awaited || this.#choosingCopy) return;
    if (this.#replacing) {
      // A page that has never been written on: there is no snapshot to come.
      if (this.#awaited > 0) return;
      this.#startOver();
      this.#emitReset();
    }
    this.#to("live");
    this.#emit({ ids: [], by: "elsewhere", right: true });
    this.#outbox.begin(this.#newConnection);
    this.#newConnection = false;
    this.#rewrite();
  }

  /** What could not be sent as it was is done again in the present document. */
  #rewrite(): void {
    const rewrites = this.#rewrites.splice(0);
    for (const { changes } of rewrites) {
      if (this.right === "none") this.#toGhost(changes, "locked");
      else this.#document.edit(editsOf(changes, (shape) => this.#document.has(shape)));
    }
    // The keeper works in order: what was just written again is kept before its source goes.
    for (const copy of this.#spent.splice(0)) this.#ports.shelf.forget(copy);
    if (rewrites.length > 0) this.#ports.changed();
  }

  #startOver(): void {
    this.#document.close();
    this.#document = this.#freshDocument();
    if (this.#client !== null) this.#document.client = this.#client;
    this.#replacing = false;
    this.#shapes.clear();
  }

  #stopWriting(): void {
    if (this.#client === null) return;
    this.#client = null;
    this.#emit({ ids: [], by: "elsewhere", right: true });
  }

  #setAside(
    entries: readonly { readonly key: { readonly epoch: number }; readonly changes: readonly KeptChange[] }[],
    code: NackCode,
  ): void {
    for (const { changes } of entries) this.#rewrites.push({ changes, code });
  }

  #toGhost(changes: readonly KeptChange[], code: NackCode): void {
    if (changes.length === 0) return;
    const ghost = { id: this.#ports.randomId(), page: this.number, code, at: Date.now(), changes };
    this.#ports.refused(ghost);
  }

  #acknowledged(n: number): void {
    const done = this.#outbox.acknowledged(n);
    if (done.length === 0) return;
    this.#refusals = 0;
    for (const { key, kept } of done) {
      if (key === this.#copy?.key) this.#copy.stored(kept);
      else if (!this.#outbox.entries.some((entry) => entry.key === key)) this.#ports.shelf.forgetKey(key);
    }
    this.#saveSoon();
  }

  #again(afresh = false): void {
    this.#stopAgain();
    this.#stopAgain = this.#ports.clock.later(() => this.open(afresh), AGAIN_AFTER_MS);
  }

  #writeAs(client: number | null): void {
    this.#client = client;
    if (client === null) return;
    this.#document.client = client;
    this.#writers.set(client, { client, person: this.#ports.person as Writer["person"], name: "" });
  }

  #freshDocument(): PageDocument {
    const document: PageDocument = new PageDocument({
      local: (update, changes) => {
        if (this.#copy) this.#outbox.add(this.#copy.key, update, changes);
        this.#saveSoon();
      },
      changed: (ids, here) => {
        if (document !== this.#document) return;
        for (const id of ids) this.#describe(id);
        this.#emit({ ids: [...ids], by: here ? "here" : "elsewhere", right: false });
      },
    });
    return document;
  }

  #putGhosts(): void {
    this.#ghostly.clear();
    for (const { changes, code } of this.#ghosts)
      for (const { shape, value, made } of changes) {
        if (!value || !made || this.#document.has(shape)) continue;
        this.#ghostly.add(shape);
        this.#shapes.put(shape, value, { mine: true, author: "", ghost: code });
      }
  }

  #describe(id: ShapeId): void {
    const blob = this.#document.get(id);
    if (!blob) {
      this.#shapes.remove(id);
      return;
    }
    this.#ghostly.delete(id);
    const writer = this.#writers.get(this.#document.clientOf(id) ?? -1);
    this.#shapes.put(id, blob, {
      mine: writer !== undefined && writer.person === this.#ports.person,
      author: writer?.name ?? "",
    });
  }

  #describeAll(): void {
    for (const id of this.#document.shapes()) this.#describe(id);
  }

  #emitReset(): void {
    this.#shapes.clear();
    this.#describeAll();
    this.#putGhosts();
    this.#emit({ ids: [...this.#shapes.shapes.keys()], by: "reset", right: true });
  }

  #emit(change: PageChange): void {
    this.#shapes.emit(change);
  }

  #saveSoon(): void {
    if (this.#stopSave || this.#closed) return;
    this.#stopSave = this.#ports.clock.later(() => {
      this.#stopSave = null;
      // A copy that cannot be saved is fetched again after a reload.
      this.flush().catch(() => {});
    }, SAVE_AFTER_MS);
  }

  #to(status: PageStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#ports.changed();
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
