/** What others are shown while this person works, at a pace that a thin link bears. */
import type { ShapeId, Style } from "../model/shape.ts";
import { onGrid } from "../model/shape-codec.ts";
import type { LiveMessage } from "../page-model.ts";

/** Ink goes 20 times a second, a selection that moves 15, pointers 10, views 5: under the server's 30 in all. */
const EVERY_MS = { ink: 50, drag: 66, laser: 50, pointer: 100, view: 200, held: 100, gone: 0 } as const;
/** 2 kB of a message hold this many points at their longest. */
const MOST_POINTS = 150;

export class LiveSender {
  readonly #send: (message: LiveMessage) => void;
  readonly #sentAt = new Map<LiveMessage["kind"], number>();
  readonly #waiting = new Map<LiveMessage["kind"], LiveMessage>();
  #ink: { id: ShapeId; style: Style; flags: number; sent: number; x: number; y: number } | null = null;
  #points: number[] = [];

  constructor(send: (message: LiveMessage) => void) {
    this.#send = send;
  }

  /** Only the last of a kind counts. */
  put(message: LiveMessage): void {
    this.#waiting.set(message.kind, message);
    if (message.kind === "gone") this.#waiting.delete("pointer");
  }

  /** All points so far (x, y, pressure), again and again; what is new goes out. */
  ink(id: ShapeId, style: Style, flags: number, points: readonly number[]): void {
    if (this.#ink?.id !== id) this.#ink = { id, style, flags, sent: 0, x: 0, y: 0 };
    this.#points = points as number[];
  }

  inkDone(): void {
    this.#ink = null;
    this.#points = [];
  }

  /** True = something is still waiting for its time. */
  flush(now: number): boolean {
    for (const [kind, message] of this.#waiting) {
      if (now - (this.#sentAt.get(kind) ?? Number.NEGATIVE_INFINITY) < EVERY_MS[kind]) continue;
      this.#waiting.delete(kind);
      this.#sentAt.set(kind, now);
      this.#send(message);
    }
    return this.#flushInk(now) || this.#waiting.size > 0;
  }

  #flushInk(now: number): boolean {
    const ink = this.#ink;
    if (!ink || ink.sent * 3 >= this.#points.length) return false;
    if (now - (this.#sentAt.get("ink") ?? Number.NEGATIVE_INFINITY) < EVERY_MS.ink) return true;
    this.#sentAt.set("ink", now);
    // A tool may withdraw its last points (a straight line that follows the pen): those are not sent again.
    const fresh = this.#points.slice(ink.sent * 3, (ink.sent + MOST_POINTS) * 3);
    const points: number[] = [];
    for (let index = 0; index < fresh.length; index += 3) {
      const x = onGrid(fresh[index] ?? 0);
      const y = onGrid(fresh[index + 1] ?? 0);
      points.push(x - ink.x, y - ink.y, Math.round(fresh[index + 2] ?? 0));
      ink.x = x;
      ink.y = y;
    }
    const { id, style, flags } = ink;
    this.#send({ kind: "ink", id, index: ink.sent, style, flags, points });
    ink.sent += points.length / 3;
    return ink.sent * 3 < this.#points.length;
  }
}
