/** The board's socket: says hello, keeps coming back, numbers requests, hands messages on in their order. */
import { decodeFrame, type Frame } from "./board-frames.ts";
import { type MessageOf, parseMessage, type ServerMessage } from "./board-messages.ts";
import { type Clock, realClock } from "./clock.ts";

/** The part of a WebSocket that is used, with array buffers for binary messages; tests bring their own. */
export interface Wire {
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export type Refusal = "token" | "removed";

export type Reply =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly code: string; readonly retryAfterS: number | null };

export interface LinkHandlers {
  welcome(message: MessageOf<"welcome">): void;
  message(message: ServerMessage): void;
  frame(frame: Frame): void;
  /** The next attempt is number `attempt`, counted from 1. */
  lost(attempt: number): void;
  /** No further attempt will be made. */
  refused(why: Refusal): void;
}

export interface LinkOptions {
  readonly connect: () => Wire;
  readonly token: string;
  readonly tab: string;
  readonly handlers: LinkHandlers;
  /** Something that was sent is not acknowledged yet. */
  readonly awaits: () => boolean;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly unpack?: (packed: Uint8Array) => Promise<Uint8Array>;
}

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;
/** After a restart the whole class comes back: spread over some seconds. */
const RESTART_WAIT_MS = 3_000;
const CROWDED_WAIT_MS = 30_000;
const WELCOME_TIMEOUT_MS = 12_000;
/** Who waits for an answer this long without hearing anything has a dead socket. */
const SILENCE_MS = 20_000;

interface Waiting {
  readonly settle: (reply: Reply) => void;
}

export class BoardLink {
  readonly #options: LinkOptions;
  readonly #clock: Clock;
  readonly #requests = new Map<number, Waiting>();
  #wire: Wire | null = null;
  #open = false;
  #attempt = 0;
  #lastId = 0;
  #heardAt = 0;
  #closed = false;
  #stopTimer: () => void = () => {};
  #watching = false;
  #stopWatch: () => void = () => {};
  /** Set while a packed message is being unpacked: what comes after it waits. */
  #inbox: Promise<void> | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Bytes that the browser has not sent yet. */
  get buffered(): number {
    return this.#wire?.bufferedAmount ?? 0;
  }

  start(): void {
    if (!this.#wire && !this.#closed) this.#connect();
  }

  /** Tries now instead of waiting for the next attempt. */
  retry(): void {
    if (this.#closed || this.#wire) return;
    this.#stopTimer();
    this.#connect();
  }

  /** Resolves always; `offline` = there is no connection, or it broke before the answer. */
  request(type: string, fields: object = {}): Promise<Reply> {
    if (!this.#open || !this.#wire) return Promise.resolve(failed("offline"));
    const id = ++this.#lastId;
    this.#wire.send(JSON.stringify({ type, id, ...fields }));
    return new Promise((settle) => {
      this.#requests.set(id, { settle });
      this.watch();
    });
  }

  /** False = not connected. */
  send(data: object | Uint8Array<ArrayBuffer>): boolean {
    if (!this.#open || !this.#wire) return false;
    this.#wire.send(data instanceof Uint8Array ? data : JSON.stringify(data));
    return true;
  }

  /** An answer is awaited: when nothing at all is heard for long, the socket is given up. */
  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#watchFrom(this.#clock.now(), SILENCE_MS);
  }

  /** Gives the connection up and comes back at once: what is known here can no longer be trusted. */
  renew(): void {
    if (this.#wire) this.#drop();
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer();
    this.#forget();
  }

  #watchFrom(since: number, ms: number): void {
    this.#stopWatch = this.#clock.later(() => {
      const silent = this.#clock.now() - Math.max(since, this.#heardAt);
      if (this.#requests.size === 0 && !this.#options.awaits()) this.#watching = false;
      else if (silent >= SILENCE_MS) this.#drop();
      else this.#watchFrom(since, SILENCE_MS - silent);
    }, ms);
  }

  #connect(): void {
    const wire = this.#options.connect();
    this.#wire = wire;
    wire.onopen = () =>
      wire.send(JSON.stringify({ type: "hello", token: this.#options.token, tab: this.#options.tab }));
    wire.onmessage = ({ data }) => this.#received(wire, data);
    wire.onclose = ({ code }) => this.#gone(wire, code);
    this.#stopTimer = this.#clock.later(() => this.#drop(), WELCOME_TIMEOUT_MS);
  }

  #received(wire: Wire, data: unknown): void {
    if (wire !== this.#wire) return;
    this.#heardAt = this.#clock.now();
    const run = () => {
      if (wire === this.#wire) return this.#take(data);
    };
    if (this.#inbox) this.#enqueue(this.#inbox.then(run));
    else {
      const pending = run();
      if (pending) this.#enqueue(pending);
    }
  }

  #enqueue(work: Promise<void>): void {
    const tail: Promise<void> = work.finally(() => {
      if (this.#inbox === tail) this.#inbox = null;
    });
    this.#inbox = tail;
  }

  #take(data: unknown): Promise<void> | undefined {
    if (typeof data === "string") {
      const message = parseMessage(data);
      if (message) this.#heard(message);
      return;
    }
    if (!(data instanceof ArrayBuffer)) return;
    const frame = decodeFrame(new Uint8Array(data));
    if (!frame) return;
    if (frame.kind !== "state" || !frame.packed) {
      this.#options.handlers.frame(frame);
      return;
    }
    const wire = this.#wire;
    return (this.#options.unpack ?? inflate)(frame.update).then(
      (update) => {
        if (wire === this.#wire) this.#options.handlers.frame({ ...frame, packed: false, update });
      },
      () => this.renew(),
    );
  }

  #heard(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#stopTimer();
        this.#open = true;
        this.#attempt = 0;
        this.#options.handlers.welcome(message);
        return;
      case "done":
        this.#settle(message.id, { ok: true, value: message });
        return;
      case "refused":
        this.#settle(message.id, {
          ok: false,
          code: message.code,
          retryAfterS: message.retry_after_s,
        });
        return;
      default:
        this.#options.handlers.message(message);
    }
  }

  #settle(id: number, reply: Reply): void {
    const waiting = this.#requests.get(id);
    this.#requests.delete(id);
    waiting?.settle(reply);
  }

  #drop(): void {
    const wire = this.#wire;
    if (!wire) return;
    wire.close();
    // A dead link reports its close much later, or never.
    this.#gone(wire, 0);
  }

  #gone(wire: Wire, code: number): void {
    if (wire !== this.#wire) return;
    this.#forget();
    if (this.#closed) return;
    if (code === 4001 || code === 4003) {
      this.#closed = true;
      this.#options.handlers.refused(code === 4001 ? "token" : "removed");
      return;
    }
    this.#attempt++;
    this.#stopTimer = this.#clock.later(() => this.#connect(), this.#waitMs(code));
    this.#options.handlers.lost(this.#attempt);
  }

  /** Full jitter over a doubling span. */
  #waitMs(code: number): number {
    const random = (this.#options.random ?? Math.random)();
    if (code === 1012) return 1_000 + random * RESTART_WAIT_MS;
    if (code === 4029 || code === 4010) return CROWDED_WAIT_MS * (0.5 + random);
    const span = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#attempt, 10));
    return FIRST_WAIT_MS / 2 + random * span;
  }

  #forget(): void {
    const wire = this.#wire;
    this.#wire = null;
    this.#open = false;
    this.#inbox = null;
    this.#stopTimer();
    this.#stopWatch();
    this.#watching = false;
    if (wire) {
      wire.onopen = wire.onmessage = wire.onclose = null;
      wire.close();
    }
    const waiting = [...this.#requests.values()];
    this.#requests.clear();
    for (const { settle } of waiting) settle(failed("offline"));
  }
}

function failed(code: string): Reply {
  return { ok: false, code, retryAfterS: null };
}

/** zlib, as the server packs large snapshots. */
async function inflate(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([packed.slice()]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
