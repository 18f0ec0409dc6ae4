import { expect, test, vi } from "vitest";
import type { BoardFiles } from "./board-files.ts";
import type { Upload } from "./board-state.ts";
import type { Job, JobId } from "./board-vocabulary.ts";
import { Uploads } from "./uploads.ts";

test("a job that ends before the answer that names it leaves no upload behind", async () => {
  const job = "job-1" as JobId;
  let seen: readonly Upload[] = [];
  const ended = { job, state: "done", done: 1, total: 1 } as Job;
  const files = {
    upload: async () => ({ ok: true, value: "file-1" }),
    makeSlides: async () => {
      uploads.jobChanged(ended);
      return { ok: true, value: job };
    },
  } as unknown as BoardFiles;
  const uploads = new Uploads(files, (now) => {
    seen = now;
  });
  await uploads.slides({ name: "slides.pdf" } as File, null, null);
  await vi.waitFor(() => expect(seen).toEqual([]));
});
