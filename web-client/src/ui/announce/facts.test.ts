import { expect, test } from "vitest";
import type { Participant, ParticipantId, SessionId } from "../../protocol/vocabulary.ts";
import { initialRoomState, type RoomState } from "../../state/room-state.ts";
import { factsBetween } from "./facts.ts";

function person(name: string, change: Partial<Participant> = {}): Participant {
  return {
    id: name as ParticipantId,
    name,
    role: "officer",
    mic: true,
    camera: true,
    screen: false,
    hand: null,
    connection: "connected",
    quality: "good",
    joined_at: 1,
    ...change,
  };
}

function room(...people: readonly Participant[]): RoomState {
  return {
    ...initialRoomState,
    session: { id: "s" as SessionId, startedAt: 0 },
    me: { ...initialRoomState.me, participant: "me" as ParticipantId },
    participants: new Map(people.map((someone) => [someone.id, someone])),
  };
}

test("coming into a full room is not announced as a crowd that joins", () => {
  expect(factsBetween(initialRoomState, room(person("me"), person("Ana")))).toEqual([]);
});

test("who joins, leaves, raises a hand or shares a screen is announced", () => {
  const before = room(person("me"), person("Ana"), person("Ben"));
  const now = room(person("me"), person("Ben", { hand: 5, screen: true }), person("Cy"));
  expect(factsBetween(before, now)).toEqual([
    { kind: "hand", name: "Ben" },
    { kind: "screen", name: "Ben" },
    { kind: "joined", name: "Cy" },
    { kind: "left", name: "Ana" },
  ]);
});

test("my own microphone and hand are told to me, not as news about somebody", () => {
  const before = room(person("me"));
  const now = { ...room(person("me", { hand: 3 })), mic: { ...before.mic, on: true } };
  expect(factsBetween(before, now)).toEqual([
    { kind: "own", topic: "mic", key: "live.mic_on" },
    { kind: "own", topic: "hand", key: "live.hand_up" },
  ]);
});

test("a change of somebody's link is not announced", () => {
  expect(factsBetween(room(person("Ana")), room(person("Ana", { quality: "poor" })))).toEqual([]);
});
