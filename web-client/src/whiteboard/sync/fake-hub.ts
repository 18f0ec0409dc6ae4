/** A hub for tests: one page with real Yjs, acknowledgements and refusals on demand, sockets that can be cut. */
import * as Y from "yjs";
import { encodeShape } from "../model/shape-codec.ts";
import { BoardClient } from "./board-client.ts";
import type { Wire } from "./board-link.ts";
import type { PageNumber } from "./board-vocabulary.ts";
import type { Clock } from "./clock.ts";
import type { Keeper } from "./keeper.ts";
import type { Claims } from "./tab-claims.ts";
import { ByteReader, ByteWriter } from "./wire-bytes.ts";

export const PAGE = 7 as PageNumber;

interface Seat extends Wire {
  person: string;
  actor: number;
  open: boolean;
  client: number | null;
}

export class FakeHub {
  doc = new Y.Doc();
  epoch = 1;
  seq = 0;
  right: "none" | "own" | "all" = "all";
  /** While false, nothing is acknowledged: what came waits. */
  acknowledging = true;
  reachable = true;
  /** The page was removed. */
  gone = false;
  /** Once, between the answer to `open` and what follows it. */
  afterOpen: (() => void) | null = null;
  /** Updates as they were applied. */
  readonly log: Uint8Array[] = [];
  /** Every text message that came, newest last. */
  readonly said: Record<string, unknown>[] = [];
  readonly lives: number[] = [];
  readonly #writers = new Map<number, string>();
  readonly #seats = new Set<Seat>();
  #held: (() => void)[] = [];
  #version = 0;
  #refusesNext: string | null = null;

  connect(person: string): Wire {
    const seat: Seat = {
      person,
      actor: this.#seats.size + 1,
      open: false,
      client: null,
      bufferedAmount: 0,
      onopen: null,
      onmessage: null,
      onclose: null,
      send: (data) => queueMicrotask(() => this.#take(seat, data)),
      close: () => this.#seats.delete(seat),
    };
    queueMicrotask(() => {
      if (!this.reachable) {
        seat.onclose?.({ code: 1006 });
        return;
      }
      this.#seats.add(seat);
      seat.onopen?.();
    });
    return seat;
  }

  /** All sockets break. */
  cut(code = 1006): void {
    for (const seat of [...this.#seats]) {
      this.#seats.delete(seat);
      seat.onclose?.({ code });
    }
  }

  acknowledgeAll(): void {
    this.acknowledging = true;
    for (const run of this.#held.splice(0)) run();
  }

  setRight(right: "none" | "own" | "all"): void {
    this.right = right;
    this.#version++;
    this.tell({ type: "pages", version: this.#version, pages: [this.#page()], gone: [] });
  }

  refuseNext(code: string): void {
    this.#refusesNext = code;
  }

  /** The page is rewritten under a new epoch, as after many deletions. */
  roll(): void {
    const fresh = new Y.Doc();
    const from = this.doc.getMap<Uint8Array>("e");
    fresh.transact(() => {
      for (const [id, blob] of from) fresh.getMap("e").set(id, blob);
    });
    this.doc = fresh;
    this.epoch++;
    this.seq = 1;
    this.#writers.clear();
    this.tell({ type: "rolled", page: PAGE, epoch: this.epoch });
  }

  tell(message: object): void {
    for (const seat of this.#seats) this.#say(seat, message);
  }

  shapes(): string[] {
    return [...this.doc.getMap("e").keys()].sort();
  }

  #take(seat: Seat, data: string | Uint8Array<ArrayBuffer>): void {
    if (!this.#seats.has(seat)) return;
    if (data instanceof Uint8Array) this.#frame(seat, new ByteReader(data));
    else this.#message(seat, JSON.parse(data));
  }

  #message(seat: Seat, message: Record<string, unknown>): void {
    this.said.push(message);
    if (message.type === "hello") this.#say(seat, this.#welcome(seat));
    else if (message.type === "open") this.#open(seat, message);
    else if (message.type === "close") seat.open = false;
    else if (typeof message.id === "number") this.#say(seat, { type: "done", id: message.id });
  }

  #open(seat: Seat, asked: Record<string, unknown>): void {
    if (this.gone) {
      this.#say(seat, { type: "refused", id: asked.id, code: "unknown_page", detail: "" });
      return;
    }
    seat.open = true;
    const known = asked.epoch === this.epoch;
    const asks = typeof asked.client === "number" && this.#writers.get(asked.client) === seat.person;
    seat.client = asks && known ? (asked.client as number) : 1_000 + this.#writers.size;
    this.#writers.set(seat.client, seat.person);
    const writers = [...this.#writers].map(([client, person]) => ({ client, person, name: person }));
    this.#say(seat, {
      type: "opened",
      page: PAGE,
      epoch: this.epoch,
      seq: this.seq,
      client: this.right === "none" ? null : seat.client,
      reset: !known,
      writers,
    });
    const { afterOpen } = this;
    this.afterOpen = null;
    afterOpen?.();
    const vector = known && typeof asked.vector === "string" ? bytesOf(asked.vector) : undefined;
    const state = Y.encodeStateAsUpdate(this.doc, vector);
    this.#send(
      seat,
      new ByteWriter().byte(0x14).varuint(PAGE).varuint(this.epoch).varuint(this.seq).byte(0).bytes(state),
    );
  }

  #frame(seat: Seat, reader: ByteReader): void {
    const kind = reader.byte();
    reader.varuint();
    if (kind === 0x02) {
      this.lives.push(reader.byte());
      return;
    }
    const epoch = reader.varuint();
    const n = reader.varuint();
    const update = reader.rest().slice();
    const code = this.#refusal(epoch, update);
    if (code) {
      this.#say(seat, { type: "nack", page: PAGE, n, code, detail: "" });
      return;
    }
    const before = Y.encodeStateVector(this.doc);
    Y.applyUpdate(this.doc, update);
    const known = same(before, Y.encodeStateVector(this.doc)) && !hasDeletes(update);
    if (!known) {
      this.seq++;
      this.log.push(update);
      for (const other of this.#seats) {
        if (!other.open) continue;
        const part = other === seat ? new Uint8Array() : update;
        this.#send(
          other,
          new ByteWriter()
            .byte(0x11)
            .varuint(PAGE)
            .varuint(this.epoch)
            .varuint(this.seq)
            .varuint(part.length)
            .bytes(part),
        );
      }
    }
    const { seq } = this;
    const acknowledge = () =>
      this.#send(seat, new ByteWriter().byte(0x13).varuint(PAGE).varuint(epoch).varuint(n).varuint(seq));
    if (this.acknowledging) acknowledge();
    else this.#held.push(acknowledge);
  }

  #refusal(epoch: number, update: Uint8Array): string | null {
    if (epoch !== this.epoch) return "epoch";
    const wanted = this.#refusesNext;
    this.#refusesNext = null;
    if (wanted) return wanted;
    if (this.right === "none") return "locked";
    return this.#gap(update) ? "gap" : null;
  }

  /** Structs must begin at the client's next clock, or before it. */
  #gap(update: Uint8Array): boolean {
    const { from } = Y.parseUpdateMeta(update);
    const state = Y.decodeStateVector(Y.encodeStateVector(this.doc));
    return [...from].some(([client, clock]) => clock > (state.get(client) ?? 0));
  }

  #welcome(seat: Seat): object {
    return {
      type: "welcome",
      version: this.#version,
      you: { actor: seat.actor, person: seat.person, role: "officer", may: ["board_write"] },
      boards: [{ id: "b", title: "Board", position: "a" }],
      pages: [this.#page()],
      groups: [],
      people: [
        { actor: seat.actor, person: seat.person, participant: null, name: seat.person, role: "officer" },
      ],
      turn: { page: PAGE, by: "" },
      settings: { save_at_end: false },
      limits: { shapes: 20_000, shape_bytes: 16_384, page_bytes: 30_000_000, updates_per_s: 60 },
      now: 0,
    };
  }

  #page(): object {
    return {
      number: PAGE,
      board: "b",
      epoch: this.epoch,
      title: "",
      position: "a",
      width: 1600,
      height: 900,
      paper: "blank",
      slide: null,
      mode: "shared",
      rules: [],
      right: this.right,
      copy_of: null,
      owner: null,
      shown: false,
      handed_out: false,
      removed: false,
      shapes: this.doc.getMap("e").size,
    };
  }

  #say(seat: Seat, message: object): void {
    const data = JSON.stringify(message);
    queueMicrotask(() => seat.onmessage?.({ data }));
  }

  #send(seat: Seat, frame: ByteWriter): void {
    const data = frame.finish().buffer;
    queueMicrotask(() => seat.onmessage?.({ data }));
  }
}

/** Time that stands still until it is pushed. */
export class HandClock implements Clock {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  later(run: () => void, ms: number): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Runs what is due, in order, and lets promises settle in between. */
  async push(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((one) => one !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
    await settle();
  }
}

/** A small square at `x` as it stands on the wire. */
export function blobAt(x: number): Uint8Array {
  const style = { stroke: 1, fill: 0, width: 4, opacity: 255 };
  const bytes = encodeShape({
    ...{ type: "rectangle", flags: 0, style, z: "V", durationMs: 0 },
    ...{ x, y: 0, width: 10, height: 10, angle: 0 },
  });
  if (!bytes) throw new Error("the shape of this test is no shape");
  return bytes;
}

/** Lets everything that waits for nothing but promises happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}

/** Claims of tabs in one process: `crash` frees what a tab held. */
export class FakeLocks {
  readonly #holders = new Map<string, object>();

  tab(): Claims & { crash(): void } {
    const me = {};
    return {
      claim: async (name) => {
        if (this.#holders.has(name)) return null;
        this.#holders.set(name, me);
        return () => this.#holders.delete(name);
      },
      crash: () => {
        for (const [name, holder] of this.#holders) if (holder === me) this.#holders.delete(name);
      },
    };
  }
}

export function clientOf(
  hub: FakeHub,
  person: string,
  keeper: Keeper,
  claims: Claims,
  clock: Clock,
): BoardClient {
  const client = new BoardClient({
    room: "room",
    token: "token",
    tab: "tab",
    connect: () => hub.connect(person),
    keeper,
    claims,
    pictures: { get: async () => null, put: async () => {} },
    linkIsGood: () => false,
    clock,
    random: () => 0,
  });
  client.start();
  return client;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function hasDeletes(update: Uint8Array): boolean {
  return Y.decodeUpdate(update).ds.clients.size > 0;
}
