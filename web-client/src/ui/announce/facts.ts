/** What changed between two states that somebody who cannot see the room would want to know. */
import type { ParticipantId } from "../../protocol/vocabulary.ts";
import type { RoomState } from "../../state/room-state.ts";
import type { TextKey } from "../i18n/messages.ts";
import type { Gathered } from "./announcement-queue.ts";

export type Fact =
  | { readonly kind: Gathered; readonly name: string }
  | { readonly kind: "own"; readonly topic: "mic" | "camera" | "hand"; readonly key: TextKey };

type Watched = Pick<RoomState, "participants" | "me" | "mic" | "camera" | "session">;

export function factsBetween(before: Watched, now: Watched): readonly Fact[] {
  const facts: Fact[] = [...ownFacts(before, now)];
  // The first state of a session is where one comes in, not a crowd that joins.
  if (before.session === null || before.session.id !== now.session?.id) return facts;
  if (before.participants === now.participants) return facts;
  const me = now.me.participant;
  for (const [id, person] of now.participants) {
    if (id === me) continue;
    const was = before.participants.get(id);
    if (!was) facts.push({ kind: "joined", name: person.name });
    if (person.hand !== null && (!was || was.hand === null)) facts.push({ kind: "hand", name: person.name });
    if (person.screen && !was?.screen) facts.push({ kind: "screen", name: person.name });
  }
  for (const [id, person] of before.participants)
    if (id !== me && !now.participants.has(id)) facts.push({ kind: "left", name: person.name });
  return facts;
}

function ownFacts(before: Watched, now: Watched): readonly Fact[] {
  const facts: Fact[] = [];
  if (before.mic.on !== now.mic.on)
    facts.push({ kind: "own", topic: "mic", key: now.mic.on ? "live.mic_on" : "live.mic_off" });
  if (before.camera.on !== now.camera.on)
    facts.push({ kind: "own", topic: "camera", key: now.camera.on ? "live.camera_on" : "live.camera_off" });
  const up = handUp(now, now.me.participant);
  if (before.session !== null && handUp(before, now.me.participant) !== up)
    facts.push({ kind: "own", topic: "hand", key: up ? "live.hand_up" : "live.hand_down" });
  return facts;
}

function handUp(state: Watched, me: ParticipantId | null): boolean {
  const person = me === null ? undefined : state.participants.get(me);
  return person !== undefined && person.hand !== null;
}
