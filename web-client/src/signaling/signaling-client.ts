/** The Socket.IO connection: parsed events in, acknowledged requests out, comes back by itself. */
import { io, type Socket } from "socket.io-client";
import {
  type Acknowledged,
  acknowledgements,
  type ClientEvent,
  outcome,
  parse,
  type ServerEvent,
  type ServerPayload,
  serverEvents,
} from "../protocol/messages.ts";

const ACKNOWLEDGE_TIMEOUT_MS = 15_000;
/** Full jitter between these, so that a class does not come back in one wave after a restart. */
const RECONNECT_FIRST_MS = 300;
const RECONNECT_MAX_MS = 5_000;

export type Reply<Name extends ClientEvent> =
  | { readonly ok: true; readonly value: Acknowledged<Name> }
  | { readonly ok: false; readonly code: string; readonly retryAfterS: number | null };

export type EventHandlers = { readonly [Name in ServerEvent]: (payload: ServerPayload<Name>) => void };

export interface ConnectionHandlers {
  /** Connected, for the first time or again: the next thing to send is `join`. */
  connected(): void;
  /** The connection is gone and the next attempt is on its way. */
  interrupted(): void;
  attempting(attempt: number): void;
  /** The server does not want us; no further attempt unless `retry` is called. */
  refused(code: string): void;
}

export class SignalingClient {
  readonly #socket: Socket;

  constructor(
    auth: { readonly token: string; readonly tab: string },
    events: EventHandlers,
    connection: ConnectionHandlers,
  ) {
    this.#socket = io({
      auth: { ...auth },
      transports: ["websocket"],
      reconnectionDelay: RECONNECT_FIRST_MS,
      reconnectionDelayMax: RECONNECT_MAX_MS,
      randomizationFactor: 0.9,
      timeout: 10_000,
      autoConnect: false,
    });
    for (const name of Object.keys(serverEvents) as ServerEvent[]) this.#listen(name, events);
    this.#socket.on("connect", connection.connected);
    this.#socket.on("disconnect", (reason) => {
      if (reason === "io client disconnect") return;
      connection.interrupted();
      // The library does not come back from a disconnect that the server asked for (slow reader, newer tab, drain).
      if (reason === "io server disconnect") this.#socket.connect();
    });
    this.#socket.on("connect_error", (error: Error & { data?: unknown }) => {
      const code = refusalCode(error.data);
      // Without a code the path failed and the library tries again, unless the server itself said no.
      if (code || !this.#socket.active) connection.refused(code ?? "unreachable");
    });
    this.#socket.io.on("reconnect_attempt", connection.attempting);
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  connect(): void {
    this.#socket.connect();
  }

  /** Tries now instead of waiting for the next attempt. */
  retry(): void {
    if (!this.#socket.connected) this.#socket.disconnect().connect();
  }

  /** Resolves always; `unreachable` = no acknowledgement in time, `invalid` = one that breaks the contract. */
  async request<Name extends ClientEvent>(
    event: Name,
    payload: object,
    timeoutMs = ACKNOWLEDGE_TIMEOUT_MS,
  ): Promise<Reply<Name>> {
    if (!this.#socket.connected) return failed("unreachable");
    let answer: unknown;
    try {
      answer = await this.#socket.timeout(timeoutMs).emitWithAck(event, payload);
    } catch {
      return failed("unreachable");
    }
    const said = parse(outcome, answer);
    if (!said) return failed("invalid");
    if (!said.ok) return failed(said.error.code, said.error.retry_after_s);
    const value = parse(acknowledgements[event], answer) as Acknowledged<Name> | null;
    return value ? { ok: true, value } : failed("invalid");
  }

  /** No handler is called any more; requests still go out and are answered. */
  silence(): void {
    this.#socket.removeAllListeners();
    // The manager's other listeners are the library's own: without them no answer would arrive.
    this.#socket.io.off("reconnect_attempt");
  }

  close(): void {
    this.silence();
    this.#socket.disconnect();
  }

  #listen<Name extends ServerEvent>(name: Name, events: EventHandlers): void {
    const handler = events[name];
    // The typed listener of the library knows nothing of our events.
    (this.#socket as { on(event: string, listener: (message: unknown) => void): void }).on(
      name,
      (message) => {
        const payload = parse(serverEvents[name], message) as ServerPayload<Name> | null;
        if (payload) handler(payload);
      },
    );
  }
}

function failed(code: string, retryAfterS: number | null = null) {
  return { ok: false, code, retryAfterS } as const;
}

function refusalCode(data: unknown): string | null {
  if (typeof data !== "object" || data === null || !("code" in data)) return null;
  return typeof data.code === "string" ? data.code : null;
}
