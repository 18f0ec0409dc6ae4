/** Who is shown first, and what is on the stage: pure decisions over the room's state. */
import type { Participant, ParticipantId } from "../../protocol/vocabulary.ts";
import { type PictureKey, pictureKey } from "../../state/room-state.ts";

/** Raised hands with their place in the queue, counted from 1. */
export function handQueue(participants: Iterable<Participant>): ReadonlyMap<ParticipantId, number> {
  const raised = [...participants]
    .filter((person) => person.hand !== null)
    .sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0) || byArrival(a, b));
  return new Map(raised.map((person, index) => [person.id, index + 1]));
}

const RANK = { tutor: 0, assistant: 1, interpreter: 2, officer: 3, observer: 3 } as const;

/** Tutors, then hands in order, then cameras, then by arrival. Quiet observers without a camera stay in the list. */
export function tileOrder(
  participants: Iterable<Participant>,
  me: ParticipantId | null,
): readonly ParticipantId[] {
  const shown = [...participants].filter(
    (person) => person.role !== "observer" || person.camera || person.id === me,
  );
  return shown
    .sort(
      (a, b) =>
        RANK[a.role] - RANK[b.role] ||
        (a.hand ?? Number.POSITIVE_INFINITY) - (b.hand ?? Number.POSITIVE_INFINITY) ||
        Number(b.camera) - Number(a.camera) ||
        byArrival(a, b),
    )
    .map((person) => person.id);
}

/** How many of the last speakers are kept in sight. */
const KEPT_SPEAKERS = 3;

/**
 * Brings the last speakers to the first page without moving anybody else: each takes the place of the last
 * tile there that is neither kept nor a speaker.
 */
export function withSpeakers(
  order: readonly ParticipantId[],
  perPage: number,
  recent: readonly ParticipantId[],
  kept: ReadonlySet<ParticipantId>,
): readonly ParticipantId[] {
  const result = [...order];
  const speakers = recent.slice(0, KEPT_SPEAKERS);
  for (const speaker of speakers) {
    const from = result.indexOf(speaker);
    if (from < perPage) continue;
    let to = Math.min(perPage, result.length) - 1;
    while (to >= 0 && isFixed(result[to], kept, speakers)) to--;
    if (to < 0) break;
    const replaced = result[to];
    if (replaced === undefined) break;
    result[to] = speaker;
    result[from] = replaced;
  }
  return result;
}

/** Speakers, most recent first; those who left are forgotten. */
export function recentSpeakers(
  before: readonly ParticipantId[],
  speaking: readonly ParticipantId[],
  present: ReadonlyMap<ParticipantId, unknown>,
): readonly ParticipantId[] {
  const news = speaking.filter((id) => !before.slice(0, KEPT_SPEAKERS).includes(id));
  const next = [...news, ...before.filter((id) => !news.includes(id))].filter((id) => present.has(id));
  return same(next, before) ? before : next;
}

export type Layout = "tiles" | "speaker";
/** `follow`: where the tutor leads. */
export type StageChoice = "follow" | "board" | "class";

export interface StageQuestion {
  readonly participants: ReadonlyMap<ParticipantId, Participant>;
  readonly me: ParticipantId | null;
  readonly pinned: PictureKey | null;
  readonly layout: Layout;
  readonly recent: readonly ParticipantId[];
}

/** What stands alone on the stage, or null for tiles of equal rank. */
export function stageFor(question: StageQuestion): PictureKey | null {
  const { participants, me, pinned, layout, recent } = question;
  if (pinned && isShown(pinned, participants)) return pinned;
  const others = [...participants.values()].filter((person) => person.id !== me);
  const sharing = others.filter((person) => person.screen).sort((a, b) => RANK[a.role] - RANK[b.role])[0];
  if (sharing) return pictureKey("screen", sharing.id);
  if (layout === "tiles") return null;
  const speaker = recent.find((id) => id !== me) ?? others.find((person) => person.role === "tutor")?.id;
  const shown = speaker ?? others[0]?.id;
  return shown ? pictureKey("camera", shown) : null;
}

export function partsOf(key: PictureKey): {
  readonly source: "camera" | "screen";
  readonly id: ParticipantId;
} {
  const colon = key.indexOf(":");
  return {
    source: key.startsWith("screen") ? "screen" : "camera",
    id: key.slice(colon + 1) as ParticipantId,
  };
}

function isShown(key: PictureKey, participants: ReadonlyMap<ParticipantId, Participant>): boolean {
  const { source, id } = partsOf(key);
  const person = participants.get(id);
  return person !== undefined && (source === "camera" || person.screen);
}

function isFixed(
  id: ParticipantId | undefined,
  kept: ReadonlySet<ParticipantId>,
  speakers: readonly ParticipantId[],
): boolean {
  return id !== undefined && (kept.has(id) || speakers.includes(id));
}

function byArrival(a: Participant, b: Participant): number {
  return a.joined_at - b.joined_at || (a.id < b.id ? -1 : 1);
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
