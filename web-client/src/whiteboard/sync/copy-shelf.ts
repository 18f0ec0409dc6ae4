/** The kept copies of one person in one room: which this tab writes, and what closed tabs left behind. */
import type { PageNumber } from "./board-vocabulary.ts";
import { type CopyKey, copyName, type Keeper, type KeptUpdate } from "./keeper.ts";
import type { Outgoing } from "./outbox.ts";
import type { Claims, Release } from "./tab-claims.ts";

/** A copy that is this tab's alone until it is released. */
export interface HeldCopy {
  readonly key: CopyKey;
  readonly seq: number;
  readonly state: Uint8Array | null;
  readonly updates: readonly KeptUpdate[];
  readonly waiting: readonly Outgoing[];
  /** The server has everything up to this id of the keeper. */
  stored(kept: number | null): void;
  save(seq: number, state: Uint8Array): Promise<void>;
  release(): void;
}

export class CopyShelf {
  readonly keeper: Keeper;
  readonly #claims: Claims;
  readonly #room: string;
  readonly #person: string;
  /** By name; what a tab holds it need not claim again. */
  readonly #held = new Map<string, Release>();

  constructor(keeper: Keeper, claims: Claims, room: string, person: string) {
    this.keeper = keeper;
    this.#claims = claims;
    this.#room = room;
    this.#person = person;
  }

  /** Pages of which something unsent is kept, here or by a closed tab. */
  async unsent(): Promise<readonly PageNumber[]> {
    const notes = await this.keeper.copies(this.#room, this.#person);
    return [...new Set(notes.filter(({ waiting }) => waiting).map(({ key }) => key.page))];
  }

  /** The newest free copy, and all other free ones that hold something unsent. Free = no living tab writes it. */
  async take(
    page: PageNumber,
  ): Promise<{ readonly own: HeldCopy | null; readonly left: readonly HeldCopy[] }> {
    const notes = await this.keeper.copies(this.#room, this.#person).catch(() => []);
    const newest = notes
      .filter(({ key }) => key.page === page)
      .sort(
        (a, b) =>
          b.key.epoch - a.key.epoch ||
          Number(b.key.client > 0) - Number(a.key.client > 0) ||
          b.savedAt - a.savedAt,
      );
    let own: HeldCopy | null = null;
    const left: HeldCopy[] = [];
    for (const { key, waiting } of newest) {
      if (own && !waiting) continue;
      const copy = await this.#open(key);
      if (!copy) continue;
      if (own) left.push(copy);
      else own = copy;
    }
    return { own, left };
  }

  /** A copy for a client id that the server gave, empty at first. `client` 0 = only for reading. */
  async begin(page: PageNumber, epoch: number, client: number): Promise<HeldCopy> {
    const key: CopyKey = { room: this.#room, person: this.#person, page, epoch, client };
    const copy = await this.#open(key);
    return copy ?? this.#copyOf(key, { seq: 0, state: null, updates: [], storedUpTo: 0 });
  }

  forget(copy: HeldCopy | null): void {
    if (copy) this.forgetKey(copy.key);
  }

  forgetKey(key: CopyKey): void {
    // What stays behind is sent once more, and the server ignores it.
    void this.keeper
      .drop(key)
      .catch(() => {})
      .finally(() => this.#release(key));
  }

  async #open(key: CopyKey): Promise<HeldCopy | null> {
    const name = copyName(key);
    // Copies for reading hold nothing of anybody: several tabs may share one.
    if (key.client > 0 && !this.#held.has(name)) {
      const release = await this.#claims.claim(name);
      if (!release) return null;
      this.#held.set(name, release);
    }
    const kept = await this.keeper.load(key).catch(() => null);
    return this.#copyOf(key, kept ?? { seq: 0, state: null, updates: [], storedUpTo: 0 });
  }

  #copyOf(
    key: CopyKey,
    kept: {
      readonly seq: number;
      readonly state: Uint8Array | null;
      readonly updates: readonly KeptUpdate[];
      readonly storedUpTo: number;
    },
  ): HeldCopy {
    let storedUpTo = kept.storedUpTo;
    return {
      key,
      seq: kept.seq,
      state: kept.state,
      updates: kept.updates,
      waiting: kept.updates
        .filter(({ id }) => id > kept.storedUpTo)
        .map(({ id, update, changes }) => ({ key, kept: id, update, changes, n: null })),
      stored: (id) => {
        if (id !== null) storedUpTo = Math.max(storedUpTo, id);
      },
      save: (seq, state) => this.keeper.saveState(key, seq, state, storedUpTo),
      release: () => this.#release(key),
    };
  }

  #release(key: CopyKey): void {
    const name = copyName(key);
    this.#held.get(name)?.();
    this.#held.delete(name);
  }
}
