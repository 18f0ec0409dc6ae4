import { expect, test } from "vitest";
import type { Participant, ParticipantId, RoomSnapshot } from "../protocol/vocabulary.ts";
import {
  noticeAdded,
  participantLeft,
  picturesChanged,
  qualityChanged,
  snapshotArrived,
  speakingChanged,
} from "./changes.ts";
import { initialRoomState, pictureKey, type RoomState } from "./room-state.ts";
import { createRoomStore } from "./room-store.ts";

const ana = "p1" as ParticipantId;
const ben = "p2" as ParticipantId;

function person(id: ParticipantId, change: Partial<Participant> = {}): Participant {
  return {
    id,
    name: id,
    role: "officer",
    mic: true,
    camera: true,
    screen: false,
    hand: null,
    connection: "connected",
    quality: "good",
    joined_at: 1000,
    ...change,
  };
}

function snapshot(participants: readonly Participant[]): RoomSnapshot {
  return {
    version: 7,
    room: { id: "r" as RoomSnapshot["room"]["id"], name: "Origin rules" },
    session: { id: "s" as RoomSnapshot["session"]["id"], started_at: 5000 },
    you: { participant: ana, role: "tutor", may: ["mute_others"] },
    participants,
    now: 9000,
  };
}

function afterSnapshot(state: RoomState = initialRoomState): RoomState {
  return { ...state, ...snapshotArrived(state, snapshot([person(ana), person(ben)]), 8500) };
}

test("a snapshot tells who I am, what I may do and how far the server's clock is ahead", () => {
  const state = afterSnapshot();
  expect(state.me).toMatchObject({ participant: ana, role: "tutor", name: "p1" });
  expect(state.me.may.has("mute_others")).toBe(true);
  expect(state.clockOffsetMs).toBe(500);
  expect(state.session?.startedAt).toBe(5000);
});

test("a snapshot keeps the pictures of those who are still here and drops the others", () => {
  const picture = { stream: null, state: "live" } as const;
  const gone = "p9" as ParticipantId;
  const pictures = new Map([
    [pictureKey("camera", ben), picture],
    [pictureKey("camera", gone), picture],
  ]);
  const state = afterSnapshot({ ...initialRoomState, pictures, speaking: [gone, ben] });
  expect([...state.pictures.keys()]).toEqual(["camera:p2"]);
  expect(state.speaking).toEqual([ben]);
});

test("somebody who left is neither listed, nor speaking, nor shown", () => {
  const before = { ...afterSnapshot(), ...speakingChanged([ben, ana]) };
  const shown = {
    ...before,
    ...picturesChanged(before, new Map([[pictureKey("screen", ben), { stream: null, state: "live" }]])),
  };
  const after = { ...shown, ...participantLeft(shown, ben) };
  expect([...after.participants.keys()]).toEqual([ana]);
  expect(after.speaking).toEqual([ana]);
  expect(after.pictures.size).toBe(0);
});

test("leaving twice changes nothing", () => {
  expect(participantLeft(initialRoomState, ben)).toEqual({});
});

test("quality of somebody unknown is ignored", () => {
  const state = afterSnapshot();
  const changed = qualityChanged(
    state,
    new Map([
      [ben, "poor"],
      ["p9" as ParticipantId, "lost"],
    ]),
  );
  expect(changed.participants?.get(ben)?.quality).toBe("poor");
  expect(changed.participants?.size).toBe(2);
});

test("notices are numbered and the oldest give way", () => {
  const store = createRoomStore();
  for (let count = 0; count < 20; count++)
    store.setState((state) => noticeAdded(state, { kind: "reconnected" }));
  const ids = store.getState().notices.map((notice) => notice.id);
  expect(ids).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
});
