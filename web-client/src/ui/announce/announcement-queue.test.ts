import { expect, test } from "vitest";
import { AnnouncementQueue } from "./announcement-queue.ts";

test("three joins in a row become one announcement with three names", () => {
  const queue = new AnnouncementQueue();
  for (const name of ["Ana", "Ben", "Cy"]) queue.happened("joined", name);
  expect(queue.next()).toEqual({ kind: "joined", names: ["Ana", "Ben", "Cy"] });
  expect(queue.next()).toBeUndefined();
});

test("different things keep the order in which they first happened", () => {
  const queue = new AnnouncementQueue();
  queue.happened("joined", "Ana");
  queue.say("mic", "Your microphone is on");
  queue.happened("joined", "Ben");
  expect(queue.next()).toMatchObject({ kind: "joined", names: ["Ana", "Ben"] });
  expect(queue.next()).toMatchObject({ words: "Your microphone is on" });
});

test("of one topic only the newest words are said", () => {
  const queue = new AnnouncementQueue();
  queue.say("mic", "Your microphone is on");
  queue.say("mic", "Your microphone is off");
  expect(queue.next()).toMatchObject({ words: "Your microphone is off" });
  expect(queue.length).toBe(0);
});

test("a storm of topics stays bounded and keeps the newest", () => {
  const queue = new AnnouncementQueue();
  for (let topic = 0; topic < 50; topic++) queue.say(`topic-${topic}`, String(topic));
  expect(queue.length).toBe(6);
  expect(queue.next()).toMatchObject({ words: "44" });
});
