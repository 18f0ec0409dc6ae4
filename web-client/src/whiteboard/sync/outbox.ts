/** A page's changes on their way to the server: kept first, then sent in order, then acknowledged. Pure but for its ports. */
import type { CopyKey, Keeper, KeptChange } from "./keeper.ts";

export interface Outgoing {
  readonly key: CopyKey;
  /** Null until the keeper has it; -1 = the keeper failed, so only the memory has it. */
  kept: number | null;
  readonly update: Uint8Array;
  readonly changes: readonly KeptChange[];
  /** Its number on this connection; null = not sent on this one. */
  n: number | null;
}

/** Not acknowledged at a time; more would only fill buffers. */
const WINDOW = 64;

export class Outbox {
  readonly #keeper: Keeper;
  readonly #send: (n: number, update: Uint8Array) => boolean;
  /** Called when an entry came or went. */
  readonly #changed: () => void;
  /** Called when the keeper failed. */
  readonly #unkept: () => void;
  #entries: Outgoing[] = [];
  #lastN = 0;
  #ready = false;

  constructor(
    keeper: Keeper,
    send: (n: number, update: Uint8Array) => boolean,
    changed: () => void,
    unkept: () => void,
  ) {
    this.#unkept = unkept;
    this.#keeper = keeper;
    this.#send = send;
    this.#changed = changed;
  }

  get size(): number {
    return this.#entries.length;
  }

  get entries(): readonly Outgoing[] {
    return this.#entries;
  }

  /**
   * A fresh change. It is sent only when it is kept: a tab that crashes after it had sent an update it did not
   * keep would use the same Yjs clock twice.
   */
  add(key: CopyKey, update: Uint8Array, changes: readonly KeptChange[]): void {
    const entry: Outgoing = { key, kept: null, update, changes, n: null };
    this.#entries.push(entry);
    this.#changed();
    this.#keeper.addUpdate(key, update, changes).then(
      (id) => this.#keptAs(entry, id),
      () => {
        this.#unkept();
        this.#keptAs(entry, -1);
      },
    );
  }

  /** What an earlier tab left behind. */
  adopt(entries: readonly Outgoing[]): void {
    if (entries.length === 0) return;
    this.#entries = [...entries, ...this.#entries];
    this.#changed();
  }

  /** The page is open on a new connection, or anew on this one: everything counts as not sent. */
  begin(newConnection: boolean): void {
    if (newConnection) this.#lastN = 0;
    for (const entry of this.#entries) entry.n = null;
    this.#ready = true;
    this.pump();
  }

  pause(): void {
    this.#ready = false;
  }

  /** Sends what can be sent now. */
  pump(): void {
    if (!this.#ready) return;
    let open = this.#entries.filter(({ n }) => n !== null).length;
    for (const entry of this.#entries) {
      if (entry.n !== null) continue;
      // Order within a Yjs client is everything: what is not kept yet holds up what follows.
      if (entry.kept === null || open >= WINDOW) return;
      if (!this.#send(this.#lastN + 1, entry.update)) return;
      entry.n = ++this.#lastN;
      open++;
    }
  }

  /** All up to `n` are stored. Returns what went. */
  acknowledged(n: number): readonly Outgoing[] {
    const done = this.#entries.filter((entry) => entry.n !== null && entry.n <= n);
    if (done.length === 0) return [];
    this.#entries = this.#entries.filter((entry) => !done.includes(entry));
    const last = new Map<CopyKey, number>();
    for (const { key, kept } of done) if (kept !== null && kept > 0) last.set(key, kept);
    // A mark that gets lost costs a second sending, which the server ignores.
    for (const [key, id] of last) this.#keeper.markStored(key, id).catch(() => {});
    this.#changed();
    this.pump();
    return done;
  }

  /** Takes out the refused update and everything after it, for those build on it. */
  refused(n: number): readonly Outgoing[] {
    const at = this.#entries.findIndex((entry) => entry.n === n);
    if (at < 0) return [];
    return this.#cut(at);
  }

  /** Takes out everything. */
  clear(): readonly Outgoing[] {
    return this.#cut(0);
  }

  #cut(at: number): readonly Outgoing[] {
    const cut = this.#entries.slice(at);
    this.#entries = this.#entries.slice(0, at);
    if (cut.length > 0) this.#changed();
    return cut;
  }

  #keptAs(entry: Outgoing, id: number): void {
    entry.kept = id;
    this.pump();
  }
}
