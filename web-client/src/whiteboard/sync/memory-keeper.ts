/** A keeper without a browser store: for tests, and for frames in which storage is blocked. */
import {
  type CopyKey,
  type CopyNote,
  copyName,
  type Ghost,
  type Keeper,
  type KeptChange,
  type KeptCopy,
  type KeptUpdate,
} from "./keeper.ts";

interface Entry {
  key: CopyKey;
  seq: number;
  state: Uint8Array | null;
  updates: KeptUpdate[];
  storedUpTo: number;
  savedAt: number;
}

export class MemoryKeeper implements Keeper {
  readonly lasting: boolean = false;
  readonly #entries = new Map<string, Entry>();
  readonly #ghosts = new Map<string, { readonly owner: string; readonly ghost: Ghost }>();
  #lastId = 0;

  async copies(room: string, person: string): Promise<readonly CopyNote[]> {
    return [...this.#entries.values()]
      .filter(({ key }) => key.room === room && key.person === person)
      .map(({ key, savedAt, updates, storedUpTo }) => ({
        key,
        savedAt,
        waiting: updates.some(({ id }) => id > storedUpTo),
      }));
  }

  async load(key: CopyKey): Promise<KeptCopy | null> {
    const entry = this.#entries.get(copyName(key));
    return entry ? { ...entry, updates: [...entry.updates] } : null;
  }

  async saveState(key: CopyKey, seq: number, state: Uint8Array, storedUpTo: number): Promise<void> {
    const entry = this.#entry(key);
    entry.seq = seq;
    entry.state = state;
    entry.storedUpTo = Math.max(entry.storedUpTo, storedUpTo);
    entry.updates = entry.updates.filter(({ id }) => id > storedUpTo);
  }

  async addUpdate(key: CopyKey, update: Uint8Array, changes: readonly KeptChange[]): Promise<number> {
    const id = ++this.#lastId;
    this.#entry(key).updates.push({ id, update, changes });
    return id;
  }

  async markStored(key: CopyKey, upTo: number): Promise<void> {
    const entry = this.#entry(key);
    entry.storedUpTo = Math.max(entry.storedUpTo, upTo);
  }

  async drop(key: CopyKey): Promise<void> {
    this.#entries.delete(copyName(key));
  }

  async ghosts(room: string, person: string): Promise<readonly Ghost[]> {
    return [...this.#ghosts.values()]
      .filter(({ owner }) => owner === `${room}/${person}`)
      .map(({ ghost }) => ghost);
  }

  async addGhost(room: string, person: string, ghost: Ghost): Promise<void> {
    this.#ghosts.set(ghost.id, { owner: `${room}/${person}`, ghost });
  }

  async dropGhost(id: string): Promise<void> {
    this.#ghosts.delete(id);
  }

  #entry(key: CopyKey): Entry {
    const name = copyName(key);
    let entry = this.#entries.get(name);
    if (!entry) {
      entry = { key, seq: 0, state: null, updates: [], storedUpTo: 0, savedAt: 0 };
      this.#entries.set(name, entry);
    }
    entry.savedAt = Date.now();
    return entry;
  }
}
