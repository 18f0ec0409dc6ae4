/** Where a page's changes are kept: the copy of the present client id, and copies whose changes are done again elsewhere. */
import type { Clock } from "./clock.ts";
import type { CopyShelf, HeldCopy } from "./copy-shelf.ts";
import type { CopyKey } from "./keeper.ts";
import type { Outgoing } from "./outbox.ts";

const SAVE_AFTER_MS = 2_000;

export interface CopyPorts {
  readonly shelf: CopyShelf;
  readonly clock: Clock;
  /** Changes of the page that are not stored by the server yet. */
  waiting(): readonly Outgoing[];
  /** What is to be kept; null = the document is not whole now. */
  state(): { readonly seq: number; readonly update: Uint8Array } | null;
}

export class PageCopy {
  readonly #ports: CopyPorts;
  #held: HeldCopy | null = null;
  #taking: Promise<void> = Promise.resolve();
  /** Forgotten as soon as what they hold is kept in the present copy. */
  #spent: HeldCopy[] = [];
  #stopSave: (() => void) | null = null;
  #closed = false;

  constructor(ports: CopyPorts) {
    this.#ports = ports;
  }

  get key(): CopyKey | null {
    return this.#held?.key ?? null;
  }

  /** The copy that was found when the page was loaded. */
  begin(copy: HeldCopy): void {
    this.#held = copy;
  }

  spend(copy: HeldCopy): void {
    this.#spent.push(copy);
  }

  /** What is in the present copy is done again elsewhere. */
  spendPresent(): void {
    if (this.#held) this.#spent.push(this.#held);
    this.#held = null;
  }

  /** One after another: a page that is opened anew meanwhile must end with the copy of its last client id. */
  take(page: CopyKey["page"], epoch: number, client: number): Promise<void> {
    this.#taking = this.#taking.then(() => this.#take(page, epoch, client));
    return this.#taking;
  }

  stored(entries: readonly Outgoing[]): void {
    for (const { key, kept } of entries) {
      if (key === this.#held?.key) this.#held.stored(kept);
      else if (!this.#needed(key)) this.#ports.shelf.forgetKey(key);
    }
    this.saveSoon();
  }

  /** The keeper works in order: what was just written again is kept before its source goes. */
  forgetSpent(): void {
    // What was accepted before the refusal waits in it for its acknowledgement, and is forgotten with that.
    for (const copy of this.#spent.splice(0)) if (!this.#needed(copy.key)) this.#ports.shelf.forget(copy);
  }

  saveSoon(): void {
    if (this.#stopSave || this.#closed) return;
    this.#stopSave = this.#ports.clock.later(() => {
      this.#stopSave = null;
      // A copy that cannot be saved is fetched again after a reload.
      this.flush().catch(() => {});
    }, SAVE_AFTER_MS);
  }

  async flush(): Promise<void> {
    this.#stopSave?.();
    this.#stopSave = null;
    const state = this.#held && this.#ports.state();
    if (state) await this.#held?.save(state.seq, state.update);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush().catch(() => {});
    this.#held?.release();
  }

  async #take(page: CopyKey["page"], epoch: number, client: number): Promise<void> {
    const before = this.#held;
    if (before && before.key.epoch === epoch && before.key.client === client) return;
    // Until the new copy is there, what is drawn goes into the old one, under the old client id.
    const copy = await this.#ports.shelf.begin(page, epoch, client);
    if (this.#closed) copy.release();
    else this.#held = copy;
    if (before?.key.epoch !== epoch) {
      if (before) this.#spent.push(before);
    } else if (!this.#needed(before.key)) this.#ports.shelf.forget(before);
    this.saveSoon();
  }

  #needed(key: CopyKey): boolean {
    return this.#ports.waiting().some((entry) => entry.key === key);
  }
}
