/** Files on their way to become pages: how far they are, in numbers, and a way to stop each. */
import { X } from "lucide-react";
import { Button } from "react-aria-components/Button";
import type { Upload } from "../../whiteboard/sync/board-state.ts";
import type { Job } from "../../whiteboard/sync/board-vocabulary.ts";
import type { BoardTranslate } from "../i18n/texts.ts";
import styles from "./board.module.css";
import { useBoard, useBoardParts } from "./board-context.ts";

const REASONS = [
  "file_too_big",
  "type_not_allowed",
  "slides_refused",
  "office_missing",
  "quota_full",
  "unreachable",
] as const;

export function UploadsList() {
  const { face, words } = useBoardParts();
  const uploads = useBoard((state) => state.uploads);
  const jobs = useBoard((state) => state.jobs);
  if (uploads.length === 0) return null;
  return (
    <ul className={styles.uploads} aria-label={words("upload.list")}>
      {uploads.map((upload) => {
        const job = upload.job === null ? undefined : jobs.get(upload.job);
        const failed = upload.problem !== null;
        return (
          <li key={upload.id} className={styles.upload} data-failed={failed}>
            <span className={styles.uploadWords} role={failed ? "alert" : undefined}>
              {uploadWords(words, upload, job)}
            </span>
            {!failed && (
              <progress
                className={styles.progress}
                aria-label={upload.name}
                {...(partOf(upload, job) !== null && { value: partOf(upload, job) ?? 0 })}
                max={1}
              />
            )}
            <Button
              className={styles.uploadStop ?? ""}
              aria-label={failed ? words("upload.dismiss") : words("upload.cancel", { name: upload.name })}
              onPress={() => face.cancelUpload(upload.id)}
            >
              <X size={16} aria-hidden />
            </Button>
          </li>
        );
      })}
    </ul>
  );
}

function uploadWords(words: BoardTranslate, upload: Upload, job: Job | undefined): string {
  const { name } = upload;
  if (upload.problem !== null) {
    const known = REASONS.find((reason) => reason === upload.problem) ?? "unknown";
    return words("upload.failed", { name, reason: words(`upload.why_${known}`) });
  }
  if (upload.sent < 1) return words("upload.sending", { name, percent: Math.floor(upload.sent * 100) });
  if (job?.state === "running") return words("upload.making", { name, done: job.done, total: job.total });
  return words("upload.waiting", { name });
}

/** Null = nobody knows how long it takes. */
function partOf(upload: Upload, job: Job | undefined): number | null {
  if (upload.sent < 1) return upload.sent;
  return job && job.total > 0 ? job.done / job.total : null;
}
