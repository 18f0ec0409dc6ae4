/** The one polite live region of the room. */
import { useEffect, useState } from "react";
import type { RoomState } from "../../state/room-state.ts";
import type { Texts } from "../i18n/texts.ts";
import { Hidden } from "../kit/hidden.tsx";
import { usePage } from "../page-context.ts";
import { noticeText } from "../room/notice-text.ts";
import { type Announcement, AnnouncementQueue } from "./announcement-queue.ts";
import { factsBetween } from "./facts.ts";

/** A sentence every two seconds: time to hear it, and to gather what belongs together. */
const PAUSE_MS = 2000;

export function LiveRegion() {
  const { store, texts } = usePage();
  const [words, setWords] = useState("");
  useEffect(() => {
    const queue = new AnnouncementQueue();
    const stop = store.subscribe((now, before) => collect(queue, before, now, texts));
    const timer = setInterval(() => {
      const next = queue.next();
      setWords(next ? sentence(next, texts) : "");
    }, PAUSE_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [store, texts]);
  return (
    <div role="status" aria-live="polite">
      <Hidden>{words}</Hidden>
    </div>
  );
}

function collect(queue: AnnouncementQueue, before: RoomState, now: RoomState, texts: Texts): void {
  for (const fact of factsBetween(before, now)) {
    if (fact.kind === "own") queue.say(fact.topic, texts.text(fact.key));
    else queue.happened(fact.kind, fact.name);
  }
  const lastSeen = before.notices.at(-1)?.id ?? 0;
  for (const notice of now.notices)
    if (notice.id > lastSeen) queue.say(`notice-${notice.kind}`, noticeText(notice, texts.text));
}

function sentence(next: Announcement, { text }: Texts): string {
  if (next.kind === "words") return next.words;
  return text(`live.${next.kind}`, { count: next.names.length, names: next.names[0] ?? "" });
}
