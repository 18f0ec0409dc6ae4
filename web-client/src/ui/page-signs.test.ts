import { expect, test } from "vitest";
import type { Participant, ParticipantId, RoomId } from "../protocol/vocabulary.ts";
import { initialRoomState, type RoomState } from "../state/room-state.ts";
import { messages } from "./i18n/language-en.ts";
import { createTexts } from "./i18n/texts.ts";
import { pageIcon, pageTitle } from "./page-signs.ts";
import { initials, personHue } from "./person-colour.ts";
import { duration } from "./room/class-clock.tsx";

const { text } = createTexts("en", messages, "ltr");
const room: RoomState = {
  ...initialRoomState,
  phase: { name: "room" },
  room: { id: "r" as RoomId, name: "Origin" },
};

test("title and icon say whether one can be heard", () => {
  expect(pageTitle(room, text)).toBe("Muted: Origin");
  expect(pageIcon(room)).toBe("/favicon-muted.svg");
  const live = { ...room, mic: { ...room.mic, on: true } };
  expect(pageTitle(live, text)).toBe("Mic on: Origin");
  expect(pageIcon({ ...room, talking: true })).toBe("/favicon-live.svg");
});

test("the title calls a tutor when hands are up, and nobody else", () => {
  const asking = { id: "p" as ParticipantId, hand: 4 } as Participant;
  const participants = new Map([[asking.id, asking]]);
  expect(pageTitle({ ...room, participants }, text)).toBe("Muted: Origin");
  const tutor = { ...room, participants, me: { ...room.me, may: new Set(["mute_others" as const]) } };
  expect(pageTitle(tutor, text)).toBe("1 hand: Origin");
});

test("outside of a room the title is the name of the page", () => {
  expect(pageTitle(initialRoomState, text)).toBe("Muster");
});

test("initials are taken from the first and the last word, in any script", () => {
  expect(initials("Marva Jean-Baptiste")).toBe("MJ");
  expect(initials("  sofía  de la cruz ")).toBe("SC");
  expect(initials("王伟")).toBe("王");
  expect(initials("")).toBe("");
});

test("a person has the same colour on every screen", () => {
  expect(personHue("p1")).toBe(personHue("p1"));
  expect(personHue("anything") % 24).toBe(0);
});

test("the class clock shows hours only when there are some, and never runs below zero", () => {
  expect(duration(-500)).toBe("0:00");
  expect(duration(65_000)).toBe("1:05");
  expect(duration(3_725_000)).toBe("1:02:05");
});
