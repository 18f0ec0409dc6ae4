/** Files on their way to the server: sent with progress, cancelled at any moment, their end told by a job. */
import type { StoredImage } from "./board-face.ts";
import type { BoardFiles } from "./board-files.ts";
import type { Upload } from "./board-state.ts";
import type { BoardId, Job, JobId, PageNumber } from "./board-vocabulary.ts";

export class Uploads {
  readonly #files: BoardFiles;
  readonly #changed: (uploads: readonly Upload[]) => void;
  readonly #aborts = new Map<string, AbortController>();
  #uploads: readonly Upload[] = [];
  #count = 0;
  /** Jobs that ended before the answer that named them was read. */
  readonly #ended = new Map<JobId, Job>();

  constructor(files: BoardFiles, changed: (uploads: readonly Upload[]) => void) {
    this.#files = files;
    this.#changed = changed;
  }

  async slides(file: File, board: BoardId | null, after: PageNumber | null): Promise<void> {
    const { id, signal } = this.#begin(file.name);
    const stored = await this.#files.upload(file, (sent) => this.#change(id, { sent }), signal);
    if (!stored.ok) {
      this.#failed(id, stored.code);
      return;
    }
    this.#change(id, { sent: 1 });
    const job = await this.#files.makeSlides(stored.value, board, after, signal);
    if (!job.ok) {
      this.#failed(id, job.code);
      return;
    }
    this.#change(id, { job: job.value });
    const ended = this.#ended.get(job.value);
    if (ended) this.jobChanged(ended);
  }

  async image(file: File): Promise<StoredImage | null> {
    const { id, signal } = this.#begin(file.name);
    const size = await sizeOf(file);
    if (!size) {
      this.#failed(id, "type_not_allowed");
      return null;
    }
    const stored = await this.#files.upload(file, (sent) => this.#change(id, { sent }), signal);
    if (!stored.ok) {
      this.#failed(id, stored.code);
      return null;
    }
    this.#end(id);
    return { file: stored.value, ...size };
  }

  /** Ends a running upload, or puts away one that failed. */
  cancel(id: string): void {
    this.#aborts.get(id)?.abort();
    this.#end(id);
  }

  jobChanged(job: Job): void {
    const upload = this.#uploads.find((one) => one.job === job.job);
    if (!upload) {
      const awaited = this.#uploads.some((one) => one.job === null && one.sent === 1);
      if (awaited && (job.state === "done" || job.state === "failed")) this.#ended.set(job.job, job);
      return;
    }
    this.#ended.delete(job.job);
    if (job.state === "done") this.#end(upload.id);
    else if (job.state === "failed") this.#failed(upload.id, job.code ?? "internal");
  }

  close(): void {
    for (const abort of this.#aborts.values()) abort.abort();
  }

  #begin(name: string): { readonly id: string; readonly signal: AbortSignal } {
    const id = `u${++this.#count}`;
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    this.#set([...this.#uploads, { id, name, sent: 0, job: null, problem: null }]);
    return { id, signal: abort.signal };
  }

  #failed(id: string, code: string): void {
    if (code === "cancelled") this.#end(id);
    else this.#change(id, { problem: code });
  }

  #change(id: string, change: Partial<Upload>): void {
    this.#set(this.#uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)));
  }

  #end(id: string): void {
    this.#aborts.delete(id);
    this.#set(this.#uploads.filter((upload) => upload.id !== id));
  }

  #set(uploads: readonly Upload[]): void {
    this.#uploads = uploads;
    this.#changed(uploads);
  }
}

async function sizeOf(file: File): Promise<{ readonly width: number; readonly height: number } | null> {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    return { width, height };
  } catch {
    return null;
  }
}
