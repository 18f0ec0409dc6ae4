/** The pages that are in use: opened when somebody holds them, kept warm for a while, closed again. */
import type { BoardStore, HeldPage } from "./board-face.ts";
import type { PageNumber } from "./board-vocabulary.ts";
import type { Clock } from "./clock.ts";
import type { CopyShelf } from "./copy-shelf.ts";
import type { Ghost } from "./keeper.ts";
import type { PageStatus } from "./page-ports.ts";
import { PageSync } from "./page-sync.ts";

export interface ShelfPorts {
  readonly store: BoardStore;
  readonly clock: Clock;
  readonly room: string;
  readonly person: string;
  readonly copies: CopyShelf;
  request(type: string, fields: object): Promise<{ readonly ok: boolean; readonly code?: string }>;
  tell(message: object): boolean;
  send(frame: Uint8Array<ArrayBuffer>): boolean;
  watch(): void;
}

interface Entry {
  readonly page: PageSync;
  holders: number;
  stop: () => void;
}

/** Turning back to a page is immediate for this long. */
const WARM_MS = 60_000;
/** The server lets a connection have 64 pages open. */
const OPEN_MOST = 60;
const VISIT_MS = 30_000;

export class PageShelf {
  readonly #ports: ShelfPorts;
  readonly #entries = new Map<PageNumber, Entry>();
  readonly #visits = new Set<() => void>();
  #connected = false;

  constructor(ports: ShelfPorts) {
    this.#ports = ports;
    void this.#takeUp();
  }

  find(number: PageNumber): PageSync | undefined {
    return this.#entries.get(number)?.page;
  }

  hold(number: PageNumber): HeldPage {
    const entry = this.#entry(number);
    entry.stop();
    entry.holders++;
    let held = true;
    return {
      model: entry.page,
      release: () => {
        if (!held) return;
        held = false;
        entry.holders--;
        this.#cool(number, entry);
      },
    };
  }

  /** Opens a page until it is whole. True = it is kept now. */
  async visit(number: PageNumber, signal: AbortSignal): Promise<boolean> {
    if (this.#entries.size >= OPEN_MOST) return false;
    const { release } = this.hold(number);
    const page = this.find(number);
    const whole = await new Promise<boolean>((resolve) => {
      const end = (value: boolean) => {
        this.#visits.delete(look);
        stop();
        resolve(value);
      };
      const look = () => {
        if (page?.status === "live") end(true);
        else if (signal.aborted || page?.status === "gone") end(false);
      };
      const stop = this.#ports.clock.later(() => end(false), VISIT_MS);
      this.#visits.add(look);
      look();
    });
    if (whole) await page?.flush().catch(() => {});
    release();
    if (this.#entries.get(number)?.holders === 0 && page?.waiting === 0) this.#drop(number);
    return whole;
  }

  connected(): void {
    this.#connected = true;
    this.changed([]);
    for (const { page } of this.#entries.values()) page.connected();
  }

  disconnected(): void {
    this.#connected = false;
    for (const { page } of this.#entries.values()) page.disconnected();
  }

  /** The list of pages changed: rights are passed on, pages that are gone are closed. */
  changed(gone: readonly PageNumber[]): void {
    for (const number of gone) {
      const entry = this.#entries.get(number);
      entry?.page.gone();
      if (entry?.holders === 0) this.#drop(number);
    }
    const { pages } = this.#ports.store.getState();
    for (const [number, { page }] of this.#entries) page.setRight(pages.get(number)?.right ?? "none");
  }

  pump(): void {
    for (const { page } of this.#entries.values()) page.pump();
  }

  offerGhost(id: string): void {
    const ghost = this.#takeGhost(id);
    if (!ghost) return;
    const { release } = this.hold(ghost.page);
    this.find(ghost.page)?.offer(ghost.changes);
    release();
  }

  dropGhost(id: string): void {
    this.#takeGhost(id);
  }

  async flush(): Promise<void> {
    await Promise.allSettled([...this.#entries.values()].map(({ page }) => page.flush()));
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { stop } of entries) stop();
    await Promise.allSettled(entries.map(({ page }) => page.close()));
  }

  /** What an earlier tab could not send, and what was refused then. */
  async #takeUp(): Promise<void> {
    const { copies, room, person, store } = this.#ports;
    const ghosts = await copies.keeper.ghosts(room, person).catch(() => []);
    if (ghosts.length > 0) store.setState((state) => ({ ghosts: [...state.ghosts, ...ghosts] }));
    this.#showGhosts();
    const unsent = await copies.unsent().catch(() => []);
    // Held for a moment: a page with something to send stays open until it is sent.
    for (const number of unsent) this.hold(number).release();
  }

  #takeGhost(id: string): Ghost | undefined {
    const { store, copies } = this.#ports;
    const ghost = store.getState().ghosts.find((one) => one.id === id);
    if (!ghost) return undefined;
    store.setState((state) => ({ ghosts: state.ghosts.filter((one) => one !== ghost) }));
    copies.keeper.dropGhost(id).catch(() => {});
    this.#showGhosts();
    return ghost;
  }

  #refused(ghost: Ghost): void {
    const { store, copies, room, person } = this.#ports;
    store.setState((state) => ({ ghosts: [...state.ghosts, ghost] }));
    copies.keeper.addGhost(room, person, ghost).catch(() => {});
    this.#showGhosts();
  }

  #showGhosts(): void {
    const { ghosts } = this.#ports.store.getState();
    for (const [number, { page }] of this.#entries)
      page.setGhosts(ghosts.filter((ghost) => ghost.page === number));
  }

  #entry(number: PageNumber): Entry {
    const known = this.#entries.get(number);
    if (known) return known;
    const { copies, clock, request, send, watch, person, store } = this.#ports;
    const page = new PageSync(number, {
      shelf: copies,
      clock,
      request,
      send,
      watch,
      person,
      randomId: shapeId,
      changed: () => this.#told(),
      refused: (ghost) => this.#refused(ghost),
      unkept: () => store.setState({ keeps: false }),
    });
    const entry: Entry = { page, holders: 0, stop: () => {} };
    this.#entries.set(number, entry);
    const { pages } = store.getState();
    page.setRight(pages.get(number)?.right ?? "none");
    if (this.#connected) page.connected();
    void page.load().then(() => {
      const { ghosts } = store.getState();
      page.setGhosts(ghosts.filter((ghost) => ghost.page === number));
    });
    return entry;
  }

  #cool(number: PageNumber, entry: Entry): void {
    if (entry.holders > 0) return;
    const drop = () => {
      if (entry.holders > 0) return;
      // What waits to be sent keeps its page open.
      if (entry.page.waiting > 0) this.#cool(number, entry);
      else this.#drop(number);
    };
    entry.stop();
    entry.stop = this.#ports.clock.later(drop, WARM_MS);
    if (this.#entries.size > OPEN_MOST && entry.page.waiting === 0) this.#drop(number);
  }

  #drop(number: PageNumber): void {
    const entry = this.#entries.get(number);
    if (!entry) return;
    entry.stop();
    this.#entries.delete(number);
    this.#ports.tell({ type: "close", page: number });
    void entry.page.close();
    this.#told();
  }

  #told(): void {
    let waiting = 0;
    const statuses = new Map<PageNumber, PageStatus>();
    for (const [number, { page }] of this.#entries) {
      waiting += page.waiting;
      statuses.set(number, page.status);
    }
    this.#ports.store.setState({ waiting, statuses });
    for (const look of this.#visits) look();
  }
}

/** 60 bits: no two of a room will ever meet. */
function shapeId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(bytes, (byte) => LETTERS[byte & 63]).join("");
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
