/** The keeper in IndexedDB. Small records for what changes often, the document in a record of its own. */
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

const DATABASE = "muster-board";
const VERSION = 1;
/** A copy that nobody opened for this long, with nothing unsent in it, is forgotten. */
const KEPT_MS = 30 * 86_400_000;

interface NoteRecord {
  readonly name: string;
  readonly owner: string;
  readonly key: CopyKey;
  readonly seq: number;
  readonly storedUpTo: number;
  readonly lastId: number;
  readonly savedAt: number;
}

interface UpdateRecord {
  readonly id?: number;
  readonly name: string;
  readonly update: Uint8Array;
  readonly changes: readonly KeptChange[];
}

export class IndexedKeeper implements Keeper {
  readonly lasting = true;
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
    // Another tab with a newer page must be able to upgrade.
    database.onversionchange = () => database.close();
  }

  /** Rejects where the browser gives no storage, or does not answer. */
  static async open(factory: IDBFactory): Promise<IndexedKeeper> {
    const request = factory.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore("notes", { keyPath: "name" }).createIndex("owner", "owner");
      database.createObjectStore("states");
      database
        .createObjectStore("updates", { keyPath: "id", autoIncrement: true })
        .createIndex("name", "name");
      database.createObjectStore("ghosts", { keyPath: "ghost.id" }).createIndex("owner", "owner");
    };
    const keeper = new IndexedKeeper(await inTime(request));
    await keeper.#forgetOld(Date.now() - KEPT_MS);
    return keeper;
  }

  async copies(room: string, person: string): Promise<readonly CopyNote[]> {
    const notes = this.#begin(["notes"], "readonly").objectStore("notes");
    const found: NoteRecord[] = await settled(notes.index("owner").getAll(`${room}/${person}`));
    return found.map(({ key, savedAt, lastId, storedUpTo }) => ({
      key,
      savedAt,
      waiting: lastId > storedUpTo,
    }));
  }

  async load(key: CopyKey): Promise<KeptCopy | null> {
    const name = copyName(key);
    const work = this.#begin(["notes", "states", "updates"], "readonly");
    const [note, state, updates] = await Promise.all([
      settled<NoteRecord | undefined>(work.objectStore("notes").get(name)),
      settled<Uint8Array | undefined>(work.objectStore("states").get(name)),
      settled<(UpdateRecord & KeptUpdate)[]>(work.objectStore("updates").index("name").getAll(name)),
    ]);
    if (!note) return null;
    return {
      key,
      seq: note.seq,
      storedUpTo: note.storedUpTo,
      savedAt: note.savedAt,
      state: state ?? null,
      updates: updates.map(({ id, update, changes }) => ({ id, update, changes })),
    };
  }

  async saveState(key: CopyKey, seq: number, state: Uint8Array, storedUpTo: number): Promise<void> {
    const name = copyName(key);
    const work = this.#begin(["notes", "states", "updates"], "readwrite");
    work.objectStore("states").put(state, name);
    this.#note(work, key, (note) => ({ ...note, seq, storedUpTo: Math.max(note.storedUpTo, storedUpTo) }));
    const updates = work.objectStore("updates");
    const stored = updates.index("name").openKeyCursor(IDBKeyRange.only(name));
    stored.onsuccess = () => {
      const cursor = stored.result;
      if (!cursor || Number(cursor.primaryKey) > storedUpTo) return;
      updates.delete(cursor.primaryKey);
      cursor.continue();
    };
    await committed(work);
  }

  async addUpdate(key: CopyKey, update: Uint8Array, changes: readonly KeptChange[]): Promise<number> {
    const work = this.#begin(["notes", "updates"], "readwrite");
    const record: UpdateRecord = { name: copyName(key), update, changes };
    const adding = work.objectStore("updates").add(record);
    adding.onsuccess = () => this.#note(work, key, (note) => ({ ...note, lastId: Number(adding.result) }));
    await committed(work);
    return Number(adding.result);
  }

  async markStored(key: CopyKey, upTo: number): Promise<void> {
    const work = this.#begin(["notes"], "readwrite");
    this.#note(work, key, (note) => ({ ...note, storedUpTo: Math.max(note.storedUpTo, upTo) }));
    await committed(work);
  }

  async drop(key: CopyKey): Promise<void> {
    const work = this.#begin(["notes", "states", "updates"], "readwrite");
    dropIn(work, copyName(key));
    await committed(work);
  }

  async ghosts(room: string, person: string): Promise<readonly Ghost[]> {
    const ghosts = this.#begin(["ghosts"], "readonly").objectStore("ghosts");
    const found: { ghost: Ghost }[] = await settled(ghosts.index("owner").getAll(`${room}/${person}`));
    return found.map(({ ghost }) => ghost);
  }

  async addGhost(room: string, person: string, ghost: Ghost): Promise<void> {
    const work = this.#begin(["ghosts"], "readwrite");
    work.objectStore("ghosts").put({ owner: `${room}/${person}`, ghost });
    await committed(work);
  }

  async dropGhost(id: string): Promise<void> {
    const work = this.#begin(["ghosts"], "readwrite");
    work.objectStore("ghosts").delete(id);
    await committed(work);
  }

  #begin(stores: string[], mode: IDBTransactionMode): IDBTransaction {
    return this.#database.transaction(stores, mode, { durability: "relaxed" });
  }

  #note(work: IDBTransaction, key: CopyKey, change: (note: NoteRecord) => NoteRecord): void {
    const notes = work.objectStore("notes");
    const name = copyName(key);
    const reading = notes.get(name);
    reading.onsuccess = () => {
      const before: NoteRecord = reading.result ?? {
        name,
        owner: `${key.room}/${key.person}`,
        key,
        seq: 0,
        storedUpTo: 0,
        lastId: 0,
        savedAt: 0,
      };
      notes.put({ ...change(before), savedAt: Date.now() });
    };
  }

  async #forgetOld(before: number): Promise<void> {
    const work = this.#begin(["notes", "states", "updates"], "readwrite");
    const notes: NoteRecord[] = await settled(work.objectStore("notes").getAll());
    for (const note of notes)
      if (note.savedAt < before && note.lastId <= note.storedUpTo) dropIn(work, note.name);
    await committed(work);
  }
}

function dropIn(work: IDBTransaction, name: string): void {
  work.objectStore("notes").delete(name);
  work.objectStore("states").delete(name);
  const updates = work.objectStore("updates");
  const cursor = updates.index("name").openKeyCursor(IDBKeyRange.only(name));
  cursor.onsuccess = () => {
    if (!cursor.result) return;
    updates.delete(cursor.result.primaryKey);
    cursor.result.continue();
  };
}

/** Some browsers never answer after they were long in the background; the board must open all the same. */
const OPEN_MS = 3_000;

async function inTime(request: IDBOpenDBRequest): Promise<IDBDatabase> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DOMException("no answer", "TimeoutError")), OPEN_MS);
  });
  try {
    return await Promise.race([settled(request), late]);
  } catch (error) {
    request.onsuccess = () => request.result.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function settled<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function committed(work: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    work.oncomplete = () => resolve();
    work.onerror = () => reject(work.error);
    work.onabort = () => reject(work.error);
  });
}
