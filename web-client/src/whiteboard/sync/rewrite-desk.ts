/** Changes that could not be sent as they were: done again in the present document, or handed back to the person. */
import type { NackCode, PageNumber } from "./board-vocabulary.ts";
import type { Ghost, KeptChange } from "./keeper.ts";
import { afterRefusal, type Rewrite } from "./refusals.ts";

export interface RewritePorts {
  readonly page: PageNumber;
  readonly randomId: () => string;
  refused(ghost: Ghost): void;
}

interface Changes {
  readonly changes: readonly KeptChange[];
}

/** Refusals in a row without one change getting through: then the rest is handed back to the person. */
const REFUSALS_MAX = 3;

export class RewriteDesk {
  readonly #ports: RewritePorts;
  #rewrites: Rewrite[] = [];
  #refusals = 0;

  constructor(ports: RewritePorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#rewrites.length;
  }

  setAside(entries: readonly Changes[], code: NackCode): void {
    for (const { changes } of entries) this.#rewrites.push({ changes, code });
  }

  /** True = not again at once. */
  refused(entries: readonly Changes[], code: NackCode): boolean {
    this.#refusals++;
    const verdict = afterRefusal(entries, code, this.#refusals > REFUSALS_MAX);
    for (const { changes, code: why } of verdict.ghosts) this.toGhost(changes, why);
    this.#rewrites.push(...verdict.rewrites);
    return verdict.wait;
  }

  accepted(): void {
    this.#refusals = 0;
  }

  take(): readonly Rewrite[] {
    return this.#rewrites.splice(0);
  }

  toGhost(changes: readonly KeptChange[], code: Ghost["code"]): void {
    if (changes.length === 0) return;
    const { page, randomId, refused } = this.#ports;
    refused({ id: randomId(), page, code, at: Date.now(), changes });
  }
}
