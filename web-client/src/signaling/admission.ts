/** Exchanges the secret of a link for a session token, and keeps the token for this tab (docs/protocol.md section 1). */
import { deadline } from "../deadline.ts";
import { parse, problem, type SessionAnswer, sessionAnswer } from "../protocol/messages.ts";
import { REFUSALS, type Refusal } from "../protocol/vocabulary.ts";
import type { Credential } from "../state/room-actions.ts";
import { type Keepsake, kept } from "./keepsake.ts";

const REQUEST_TIMEOUT_MS = 15_000;

export type Admission =
  | { readonly ok: true; readonly answer: SessionAnswer }
  | { readonly ok: false; readonly code: Refusal; readonly retryAfterS: number | null };

export class AdmissionDesk {
  readonly #tab: Keepsake;
  readonly #browser: Keepsake;
  readonly #fetch: typeof fetch;

  /** `tab` outlives a reload, `browser` outlives the tab. */
  constructor(tab: Keepsake, browser: Keepsake, fetcher: typeof fetch = (input, init) => fetch(input, init)) {
    this.#tab = tab;
    this.#browser = browser;
    this.#fetch = fetcher;
  }

  get token(): string | null {
    return this.#tab.get("muster.token");
  }

  /** Names this tab to the server, so that a reload resumes its place. */
  get tabId(): string {
    return kept(this.#tab, "muster.tab");
  }

  /** An aborted `signal` leaves the token as it was and is answered by `unreachable`. */
  async exchange(credential: Credential, name: string, signal: AbortSignal): Promise<Admission> {
    const body =
      credential.kind === "ticket"
        ? { ticket: credential.ticket }
        : { invitation: credential.invitation, name, guest_key: kept(this.#browser, "muster.guest") };
    const admission = await this.#request("POST", body, signal);
    if (!signal.aborted && admission.ok && admission.answer.token)
      this.#tab.set("muster.token", admission.answer.token);
    return admission;
  }

  /** Is the token that this tab kept still good? */
  async resume(signal: AbortSignal): Promise<Admission> {
    if (!this.token) return refused("no_link");
    return this.#request("GET", null, signal);
  }

  forget(): void {
    this.#tab.set("muster.token", null);
  }

  async #request(method: string, body: object | null, signal: AbortSignal): Promise<Admission> {
    const headers: Record<string, string> = {};
    if (body) headers["Content-Type"] = "application/json";
    if (method === "GET" && this.token) headers.Authorization = `Bearer ${this.token}`;
    const limit = deadline(signal, REQUEST_TIMEOUT_MS);
    try {
      const response = await this.#fetch("/api/session", {
        method,
        headers,
        body: body && JSON.stringify(body),
        credentials: "omit",
        cache: "no-store",
        signal: limit.signal,
      });
      const message: unknown = await response.json();
      if (response.ok) {
        const answer = parse(sessionAnswer, message);
        return answer ? { ok: true, answer } : refused("unreachable");
      }
      const trouble = parse(problem, message);
      return refused(asRefusal(trouble?.code), trouble?.retry_after_s ?? null);
    } catch {
      return refused("unreachable");
    } finally {
      limit.done();
    }
  }
}

/** A code that this page does not know is told as a server that cannot be reached. */
export function asRefusal(code: string | undefined): Refusal {
  return REFUSALS.find((known) => known === code) ?? "unreachable";
}

function refused(code: Refusal, retryAfterS: number | null = null): Admission {
  return { ok: false, code, retryAfterS };
}
