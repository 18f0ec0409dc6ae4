import { expect, test } from "vitest";
import type { Participant, ParticipantId } from "../../protocol/vocabulary.ts";
import { pictureKey } from "../../state/room-state.ts";
import { handQueue, partsOf, recentSpeakers, stageFor, tileOrder, withSpeakers } from "./order.ts";

const id = (name: string) => name as ParticipantId;

function person(name: string, change: Partial<Participant> = {}): Participant {
  return {
    id: id(name),
    name,
    role: "officer",
    mic: true,
    camera: true,
    screen: false,
    hand: null,
    connection: "connected",
    quality: "good",
    joined_at: 100,
    ...change,
  };
}

const room = (...people: readonly Participant[]) => new Map(people.map((someone) => [someone.id, someone]));
const question = (people: ReadonlyMap<ParticipantId, Participant>) =>
  ({ participants: people, me: id("me"), pinned: null, layout: "tiles", recent: [] }) as const;

test("hands stand in the order in which they went up, equal times in the order of arrival", () => {
  const queue = handQueue([
    person("late", { hand: 9 }),
    person("first", { hand: 5 }),
    person("second", { hand: 9, joined_at: 50 }),
    person("down"),
  ]);
  expect([...queue]).toEqual([
    ["first", 1],
    ["second", 2],
    ["late", 3],
  ]);
});

test("the tutor comes first, then hands, then cameras, then arrival; quiet observers are only listed", () => {
  const order = tileOrder(
    [
      person("old", { camera: false, joined_at: 1 }),
      person("new", { joined_at: 9 }),
      person("asks", { hand: 3 }),
      person("tutor", { role: "tutor" }),
      person("guest", { role: "observer", camera: false }),
    ],
    null,
  );
  expect(order).toEqual(["tutor", "asks", "new", "old"]);
});

test("a speaker of another page takes the last free place of the first page and nobody else moves", () => {
  const order = ["a", "b", "c", "d", "e"].map(id);
  expect(withSpeakers(order, 3, [id("e")], new Set([id("c")]))).toEqual(["a", "e", "c", "d", "b"]);
});

test("when every place of the first page is kept, a speaker stays where he is", () => {
  const order = ["a", "b", "c"].map(id);
  expect(withSpeakers(order, 2, [id("c")], new Set([id("a"), id("b")]))).toEqual(order);
});

test("somebody who goes on speaking does not reshuffle the last speakers", () => {
  const before = [id("a"), id("b")];
  expect(recentSpeakers(before, [id("b"), id("a")], room(person("a"), person("b")))).toBe(before);
});

test("the last speakers forget who left", () => {
  expect(recentSpeakers([id("a")], [id("b")], room(person("b")))).toEqual(["b"]);
});

test("tiles are of equal rank until somebody shares a screen, a tutor's screen first", () => {
  const people = room(person("me"), person("x"));
  expect(stageFor(question(people))).toBeNull();
  const sharing = room(
    person("me"),
    person("x", { screen: true }),
    person("t", { role: "tutor", screen: true }),
  );
  expect(stageFor(question(sharing))).toBe("screen:t");
});

test("my own screen does not mirror itself on my stage", () => {
  expect(stageFor(question(room(person("me", { screen: true }), person("x"))))).toBeNull();
});

test("what I look at stays until it has gone", () => {
  const people = room(person("me"), person("x"), person("t", { role: "tutor", screen: true }));
  expect(stageFor({ ...question(people), pinned: pictureKey("camera", id("x")) })).toBe("camera:x");
  expect(stageFor({ ...question(people), pinned: pictureKey("screen", id("x")) })).toBe("screen:t");
  expect(stageFor({ ...question(people), pinned: pictureKey("camera", id("gone")) })).toBe("screen:t");
});

test("the speaker's layout shows the last other speaker, then the tutor", () => {
  const people = room(person("me"), person("x"), person("t", { role: "tutor" }));
  const speaker = { ...question(people), layout: "speaker" } as const;
  expect(stageFor({ ...speaker, recent: [id("me"), id("x")] })).toBe("camera:x");
  expect(stageFor(speaker)).toBe("camera:t");
});

test("a key of a picture splits into source and person even when the id has a colon", () => {
  expect(partsOf(pictureKey("screen", id("a:b")))).toEqual({ source: "screen", id: "a:b" });
});
