/** The board's HTTP calls: files, slides, pictures, export (docs/protocol.md section 3.5). */
import * as v from "valibot";
import { parse, problem } from "../../protocol/messages.ts";
import type { BoardId, JobId, PageNumber } from "./board-vocabulary.ts";

export type Fetched<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: string };

const stored = v.object({ id: v.string(), name: v.optional(v.string(), "") });
const begun = v.object({ job: v.string() });
const REQUEST_TIMEOUT_MS = 30_000;
const EXPORT_TIMEOUT_MS = 180_000;

export class BoardFiles {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** `progress`: 0 to 1. fetch cannot tell how much it has sent. */
  upload(file: File, progress: (sent: number) => void, signal: AbortSignal): Promise<Fetched<string>> {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", `/api/files?name=${encodeURIComponent(file.name)}`);
      request.setRequestHeader("Authorization", `Bearer ${this.#token}`);
      request.responseType = "json";
      request.upload.onprogress = ({ loaded, total }) => total > 0 && progress(loaded / total);
      request.onload = () => {
        const answer = request.status === 201 ? parse(stored, request.response) : null;
        resolve(
          answer
            ? { ok: true, value: answer.id }
            : { ok: false, code: parse(problem, request.response)?.code ?? "unreachable" },
        );
      };
      request.onerror = () => resolve({ ok: false, code: "unreachable" });
      request.onabort = () => resolve({ ok: false, code: "cancelled" });
      signal.addEventListener("abort", () => request.abort(), { once: true });
      request.send(file);
    });
  }

  async makeSlides(
    file: string,
    board: BoardId | null,
    after: PageNumber | null,
    signal: AbortSignal,
  ): Promise<Fetched<JobId>> {
    const body = { file, ...(board !== null && { board }), ...(after !== null && { after }) };
    const answer = await this.#call("POST", "/api/board/slides", REQUEST_TIMEOUT_MS, { body, signal });
    if (!answer.ok) return answer;
    const job = parse(begun, await answer.value.json().catch(() => null))?.job;
    return job === undefined ? { ok: false, code: "unreachable" } : { ok: true, value: job as JobId };
  }

  picture(path: string, signal: AbortSignal): Promise<Fetched<Blob>> {
    return this.#blob(path, REQUEST_TIMEOUT_MS, signal);
  }

  exportPage(page: PageNumber, format: string): Promise<Fetched<Blob>> {
    return this.#blob(`/api/board/pages/${page}/export?format=${format}`, EXPORT_TIMEOUT_MS);
  }

  exportBoard(board: BoardId, format: string): Promise<Fetched<Blob>> {
    return this.#blob(
      `/api/board/boards/${encodeURIComponent(board)}/export?format=${format}`,
      EXPORT_TIMEOUT_MS,
    );
  }

  async saveBoard(board: BoardId): Promise<Fetched<string>> {
    const path = `/api/board/boards/${encodeURIComponent(board)}/save`;
    const answer = await this.#call("POST", path, EXPORT_TIMEOUT_MS, {});
    if (!answer.ok) return answer;
    const file = parse(stored, await answer.value.json().catch(() => null));
    return file ? { ok: true, value: file.name } : { ok: false, code: "unreachable" };
  }

  async #blob(path: string, timeoutMs: number, signal?: AbortSignal): Promise<Fetched<Blob>> {
    const answer = await this.#call("GET", path, timeoutMs, { ...(signal && { signal }) });
    if (!answer.ok) return answer;
    try {
      return { ok: true, value: await answer.value.blob() };
    } catch {
      return { ok: false, code: "unreachable" };
    }
  }

  async #call(
    method: string,
    path: string,
    timeoutMs: number,
    { body, signal }: { readonly body?: object; readonly signal?: AbortSignal },
  ): Promise<Fetched<Response>> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(path, {
        method,
        headers: {
          Authorization: `Bearer ${this.#token}`,
          ...(body && { "Content-Type": "application/json" }),
        },
        ...(body && { body: JSON.stringify(body) }),
        credentials: "omit",
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      if (response.ok) return { ok: true, value: response };
      const trouble = parse(problem, await response.json().catch(() => null));
      return { ok: false, code: trouble?.code ?? "unreachable" };
    } catch {
      return { ok: false, code: "unreachable" };
    }
  }
}
