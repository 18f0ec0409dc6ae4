/**
 * One page between its engine and the server: the document, what is on its way, and what was refused.
 *
 * idle -> loading (kept copy is read) -> local (can be shown and, with a client id, drawn on)
 * local -> opening (socket is there) -> filling (missing updates are on their way) -> live
 * live | filling | opening -> local (socket is gone) ; any -> opening (refused change, new epoch, gap)
 */
import type { ShapeId } from "../model/shape.ts";
import type { ChangeLabel, PageChange, PageModel, PageRight, PageShape, ShapeChange } from "../page-model.ts";
import { encodeUpdate, type Frame } from "./board-frames.ts";
import type { MessageOf, Writer } from "./board-messages.ts";
import type { NackCode, PageNumber } from "./board-vocabulary.ts";
import type { HeldCopy } from "./copy-shelf.ts";
import type { Ghost, KeptChange } from "./keeper.ts";
import { Outbox } from "./outbox.ts";
import { PageCopy } from "./page-copy.ts";
import { PageDocument } from "./page-document.ts";
import type { PagePorts, PageStatus } from "./page-ports.ts";
import { editsOf } from "./refusals.ts";
import { RewriteDesk } from "./rewrite-desk.ts";
import { SignedShapes } from "./signed-shapes.ts";
import { base64 } from "./wire-bytes.ts";

const AGAIN_AFTER_MS = 1_500;
export class PageSync implements PageModel {
  readonly number: PageNumber;
  readonly #ports: PagePorts;
  readonly #shapes: SignedShapes;
  readonly #outbox: Outbox;
  readonly #copy: PageCopy;
  readonly #rewrites: RewriteDesk;
  #document: PageDocument;
  #status: PageStatus = "idle";
  #epoch = 0;
  #seq = 0;
  #awaited = 0;
  #client: number | null = null;
  /** The document is to be replaced by the snapshot that comes. */
  #replacing = false;
  #right: PageRight = "none";
  /** Nothing is written before it is clear where it will be kept. */
  #choosingCopy = false;
  #connected = false;
  #newConnection = true;
  /** Counts the openings: an answer that was overtaken is left alone. */
  #opening = 0;
  /** The server knew of no right when the page was asked for. */
  #askedWithout = false;
  #stopAgain: () => void = () => {};
  #closed = false;

  constructor(number: PageNumber, ports: PagePorts) {
    this.number = number;
    this.#ports = ports;
    this.#document = this.#freshDocument();
    this.#shapes = new SignedShapes(ports.person, () => this.#document);
    this.#outbox = new Outbox(
      ports.shelf.keeper,
      (n, update) => {
        const sent = ports.send(encodeUpdate(this.number, this.#epoch, n, update));
        if (sent) ports.watch();
        return sent;
      },
      () => ports.changed(),
      () => ports.unkept(),
    );
    this.#rewrites = new RewriteDesk({
      page: number,
      randomId: ports.randomId,
      refused: (ghost) => ports.refused(ghost),
    });
    this.#copy = new PageCopy({
      shelf: ports.shelf,
      clock: ports.clock,
      waiting: () => this.#outbox.entries,
      state: () =>
        this.#status === "loading" || this.#replacing
          ? null
          : { seq: this.#seq, update: this.#document.state() },
    });
  }

  get status(): PageStatus {
    return this.#status;
  }

  /** Changes that the server has not stored yet. */
  get waiting(): number {
    return this.#outbox.size + this.#rewrites.size;
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

  setAside(changes: readonly ShapeChange[]): void {
    const made = changes.map(({ id, blob }) => ({ shape: id, value: blob, made: true }));
    if (this.#right === "none") this.#rewrites.toGhost(made, "locked");
    else this.offer(made);
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
      this.#copy.begin(own);
      this.#epoch = own.key.epoch;
      this.#seq = own.seq;
      if (own.key.client > 0) this.#writeAs(own.key.client);
      if (own.state) this.#document.merge(own.state);
    }
    for (const copy of own ? [own, ...left] : left) this.#adopt(copy);
    this.#to("local");
    this.#shapes.reset();
    if (this.#connected) this.open();
  }

  setRight(right: PageRight): void {
    const different = right !== this.#right;
    this.#right = right;
    if (different) this.#shapes.rightChanged();
    if (this.#status !== "live") return;
    // Who could not write was given no client id: now there is one to ask for.
    if (right !== "none" && this.#client === null) this.open();
    else if (different) this.#rewrite();
  }

  setGhosts(ghosts: readonly Ghost[]): void {
    this.#shapes.setGhosts(ghosts);
  }

  /** Offers refused changes once more. */
  offer(changes: readonly KeptChange[]): void {
    this.#rewrites.setAside([{ changes }], "locked");
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
    this.#opening++;
    this.#choosingCopy = false;
    this.#askedWithout = this.#right === "none";
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
      if (code === "unknown_page" || code === "forbidden") this.gone();
      else if (code !== "offline") this.#again();
    });
  }

  async opened(message: MessageOf<"opened">): Promise<void> {
    if (this.#status !== "opening") return;
    this.#shapes.setWriters(message.writers);
    if (message.epoch !== this.#epoch || message.reset) this.#replacing = true;
    if (message.epoch !== this.#epoch) this.#rewrites.setAside(this.#outbox.clear(), "epoch");
    this.#awaited = message.seq;
    if (this.#replacing) {
      this.#seq = 0;
      this.#stopWriting();
    }
    this.#to("filling");
    const opening = this.#opening;
    this.#choosingCopy = true;
    this.#epoch = message.epoch;
    await this.#copy.take(this.number, message.epoch, message.client ?? 0);
    if (this.#closed || opening !== this.#opening) return;
    this.#choosingCopy = false;
    if (this.status !== "filling") return;
    this.#writeAs(message.client);
    this.#shapes.describeAll();
    this.#filled();
  }

  writer(writer: Writer): void {
    this.#shapes.writer(writer);
  }

  frame(frame: Frame): void {
    if (frame.kind === "live" || this.#status === "local" || this.#status === "gone") return;
    if (frame.epoch !== this.#epoch) return;
    if (frame.kind === "ack") this.#acknowledged(frame.n);
    else if (this.#status === "opening" || this.#status === "loading") return;
    else if (frame.kind === "state") this.#take([frame.update], frame.seq);
    else if (frame.first > this.#seq + 1) this.open(this.#replacing);
    else this.#take(frame.updates, frame.first + frame.updates.length - 1);
  }

  nack(n: number, code: NackCode): void {
    if (this.#status !== "live" && this.#status !== "filling") return;
    const refused = this.#outbox.refused(n);
    if (refused.length === 0) return;
    const wait = this.#rewrites.refused(refused, code);
    this.#copy.spendPresent();
    this.#stopWriting();
    if (wait) this.#again(true);
    else this.open(true);
  }

  /** Removed, or shown to this person no longer: what waited for it is handed back. */
  gone(): void {
    const lost = [...this.#outbox.clear(), ...this.#rewrites.take()];
    for (const { changes } of lost) this.#rewrites.toGhost(changes, "gone");
    this.#outbox.pause();
    this.#copy.spendPresent();
    this.#copy.forgetSpent();
    this.#stopWriting();
    // Should it come back, it is fetched afresh: the document holds what the server will never have.
    this.#epoch = 0;
    this.#to("gone");
    this.#ports.changed();
  }

  /** The tab is hidden or closes: the copy is brought up to date. */
  flush(): Promise<void> {
    return this.#copy.flush();
  }

  pump(): void {
    this.#outbox.pump();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopAgain();
    this.#outbox.pause();
    await this.#copy.close();
    this.#document.close();
  }

  #adopt(copy: HeldCopy): void {
    if (copy.key.epoch !== this.#epoch && this.#epoch !== 0) {
      this.#rewrites.setAside(copy.waiting, "epoch");
      this.#copy.spend(copy);
      return;
    }
    this.#epoch ||= copy.key.epoch;
    for (const { update } of copy.updates) this.#document.merge(update);
    this.#outbox.adopt(copy.waiting);
  }

  #take(updates: readonly Uint8Array[], seq: number): void {
    const replacing = this.#replacing;
    if (replacing) this.#startOver();
    if (!updates.every((update) => update.length === 0 || this.#document.merge(update))) {
      this.open(true);
      return;
    }
    if (replacing) this.#renewed();
    this.#seq = Math.max(this.#seq, seq);
    this.#copy.saveSoon();
    this.#filled();
  }

  /** Everything that was asked for is here: from now on changes are sent. */
  #filled(): void {
    if (this.#status !== "filling" || this.#seq < this.#awaited || this.#choosingCopy) return;
    if (this.#replacing) {
      // A page that has never been written on: there is no snapshot to come.
      if (this.#awaited > 0) return;
      this.#startOver();
      this.#renewed();
    }
    this.#to("live");
    this.#shapes.rightChanged();
    this.#outbox.begin(this.#newConnection);
    this.#newConnection = false;
    this.#rewrite();
    // The right came while the answer, which knew nothing of it, was on its way.
    if (this.#askedWithout && this.#client === null && this.#right !== "none") this.open();
  }

  /** What could not be sent as it was is done again in the present document. */
  #rewrite(): void {
    const rewrites = this.#rewrites.take();
    for (const { changes } of rewrites) {
      if (this.right === "none") this.#rewrites.toGhost(changes, "locked");
      else this.#document.edit(editsOf(changes, (shape) => this.#document.has(shape)));
    }
    this.#copy.forgetSpent();
    if (rewrites.length > 0) this.#ports.changed();
  }

  #startOver(): void {
    this.#document.close();
    this.#document = this.#freshDocument();
    if (this.#client !== null) this.#document.client = this.#client;
    this.#replacing = false;
    this.#shapes.clear();
  }

  /** The new document has what the server sent: what waits belongs on top of it, for its echo brings no change. */
  #renewed(): void {
    for (const { update } of this.#outbox.entries) this.#document.merge(update);
    this.#shapes.reset();
  }

  #stopWriting(): void {
    if (this.#client === null) return;
    this.#client = null;
    this.#shapes.rightChanged();
  }

  #acknowledged(n: number): void {
    const done = this.#outbox.acknowledged(n);
    if (done.length === 0) return;
    this.#rewrites.accepted();
    this.#copy.stored(done);
  }

  #again(afresh = false): void {
    this.#stopAgain();
    this.#stopAgain = this.#ports.clock.later(() => this.open(afresh), AGAIN_AFTER_MS);
  }

  #writeAs(client: number | null): void {
    this.#client = client;
    if (client === null) return;
    this.#document.client = client;
    this.#shapes.sign(client);
  }

  #freshDocument(): PageDocument {
    const document: PageDocument = new PageDocument({
      local: (update, changes) => {
        const { key } = this.#copy;
        if (key) this.#outbox.add(key, update, changes);
        this.#copy.saveSoon();
      },
      changed: (ids, here) => {
        if (document !== this.#document) return;
        this.#shapes.changed(ids, here);
      },
    });
    return document;
  }

  #to(status: PageStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#ports.changed();
  }
}
