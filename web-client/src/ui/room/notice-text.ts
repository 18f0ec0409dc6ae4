/** The words of a notice. */
import type { NoticeBody } from "../../state/room-state.ts";
import type { Translate } from "../i18n/texts.ts";

export function noticeText(notice: NoticeBody, text: Translate): string {
  switch (notice.kind) {
    case "muted_by":
    case "hand_lowered_by":
      return text(`notice.${notice.kind}`, { name: notice.name || text("role.tutor") });
    case "device_lost":
      return text(`notice.device_lost_${notice.device}`);
    case "device_switched":
      return text("notice.device_switched", { label: notice.label });
    case "device_failed":
      return notice.device === "speaker" || notice.problem === "none"
        ? text("notice.action_failed")
        : capitalised(text(`problem.${notice.problem}_${notice.device}`));
    default:
      return text(`notice.${notice.kind}`);
  }
}

/** The reasons are written to stand in the middle of a sentence. */
function capitalised(words: string): string {
  const [first = "", ...rest] = [...words];
  return first.toLocaleUpperCase() + rest.join("");
}
