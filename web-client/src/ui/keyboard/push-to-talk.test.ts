import { expect, test } from "vitest";
import { PushToTalk } from "./push-to-talk.ts";

function setUp() {
  const said: boolean[] = [];
  let due: (() => void) | null = null;
  const talk = new PushToTalk((held) => said.push(held), {
    later(run) {
      due = run;
      return () => {
        due = null;
      };
    },
  });
  return { said, talk, pass: () => due?.() };
}

test("a touch shorter than the debounce opens nothing", () => {
  const { said, talk, pass } = setUp();
  talk.press();
  talk.release();
  pass();
  expect(said).toEqual([]);
});

test("holding opens once, however often the key repeats, and letting go closes", () => {
  const { said, talk, pass } = setUp();
  talk.press();
  talk.press();
  pass();
  talk.press();
  talk.release();
  talk.release();
  expect(said).toEqual([true, false]);
});
