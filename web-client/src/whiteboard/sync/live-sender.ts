/** Sends what is never stored, no faster than anybody can see and never into a full socket. */
import type { LiveMessage } from "../page-model.ts";
import type { PageNumber } from "./board-vocabulary.ts";
import type { Clock } from "./clock.ts";

/** Pointers and views 10 times a second; the engine gathers ink to 20. */
const EVERY_MS = 100;
/** A link that holds this much back is too slow for what passes by. */
const FULL_BYTES = 24_000;

export interface LivePorts {
  readonly clock: Clock;
  buffered(): number;
  send(page: PageNumber, message: LiveMessage): void;
}

interface Lane {
  lastAt: number;
  stop: (() => void) | null;
  next: { readonly page: PageNumber; readonly message: LiveMessage } | null;
}

export class LiveSender {
  readonly #ports: LivePorts;
  readonly #lanes = new Map<string, Lane>();

  constructor(ports: LivePorts) {
    this.#ports = ports;
  }

  send(page: PageNumber, message: LiveMessage): void {
    // Ink comes in batches already, and each of them counts: it waits for nothing and replaces nothing.
    if (message.kind === "ink" || message.kind === "gone") {
      if (message.kind === "gone") this.#forget();
      this.#put(page, message);
      return;
    }
    const lane = this.#lane(message.kind);
    lane.next = { page, message };
    if (lane.stop) return;
    const wait = lane.lastAt + EVERY_MS - this.#ports.clock.now();
    if (wait <= 0) this.#flush(lane);
    else lane.stop = this.#ports.clock.later(() => this.#flush(lane), wait);
  }

  close(): void {
    this.#forget();
  }

  #flush(lane: Lane): void {
    lane.stop = null;
    const { next } = lane;
    lane.next = null;
    if (!next) return;
    lane.lastAt = this.#ports.clock.now();
    this.#put(next.page, next.message);
  }

  #put(page: PageNumber, message: LiveMessage): void {
    if (this.#ports.buffered() < FULL_BYTES) this.#ports.send(page, message);
  }

  #lane(kind: string): Lane {
    let lane = this.#lanes.get(kind);
    if (!lane) {
      lane = { lastAt: Number.NEGATIVE_INFINITY, stop: null, next: null };
      this.#lanes.set(kind, lane);
    }
    return lane;
  }

  #forget(): void {
    for (const lane of this.#lanes.values()) {
      lane.stop?.();
      lane.stop = null;
      lane.next = null;
    }
  }
}
