import { expect, it } from "vitest";
import { jobChanged, pagesChanged } from "./board-changes.ts";
import { type MessageOf, parseMessage } from "./board-messages.ts";
import { initialBoardState } from "./board-state.ts";
import type { JobId, PageNumber } from "./board-vocabulary.ts";
import { inOrderOfUse } from "./fetch-ahead.ts";

function pages(version: number, list: readonly object[], gone: readonly number[] = []): MessageOf<"pages"> {
  const message = parseMessage(JSON.stringify({ type: "pages", version, pages: list, gone }));
  if (message?.type !== "pages") throw new Error("the message of this test breaks the contract");
  return message;
}

const page = {
  number: 3,
  board: "b",
  epoch: 1,
  title: "",
  position: "a",
  width: 1600,
  height: 900,
  paper: "grid",
  slide: null,
  mode: "own",
};

it("keeps the right of a page when a change of it does not tell one", () => {
  const known = {
    ...initialBoardState,
    ...pagesChanged(initialBoardState, pages(1, [{ ...page, right: "own" }])),
  };
  const next = pagesChanged(known, pages(2, [{ ...page, title: "Origin" }]));
  expect(next.pages?.get(3 as PageNumber)).toMatchObject({ title: "Origin", right: "own" });
});

it("takes a mode that this page does not know for a lock", () => {
  const { pages: changed } = pagesChanged(initialBoardState, pages(1, [{ ...page, mode: "novel" }]));
  expect(changed?.get(3 as PageNumber)).toMatchObject({ mode: "locked", right: "none" });
});

it("forgets pages that are gone", () => {
  const known = { ...initialBoardState, ...pagesChanged(initialBoardState, pages(1, [page])) };
  expect(pagesChanged(known, pages(2, [], [3])).pages?.size).toBe(0);
});

it("puts an upload away when its job is done", () => {
  const upload = { id: "u", name: "a.pdf", sent: 1, job: "j" as JobId, problem: null };
  const job = { job: "j" as JobId, state: "done" as const, done: 4, total: 4, code: null, board: null };
  expect(jobChanged({ ...initialBoardState, uploads: [upload] }, job).uploads).toEqual([]);
});

it("fetches the page of the class first, then what follows it, then what came before", () => {
  const list = ["a", "b", "c"].map((position, index) => ({ ...page, position, number: index + 1 }));
  const state = {
    ...initialBoardState,
    ...pagesChanged(initialBoardState, pages(1, list)),
    boards: new Map([["b" as never, { id: "b" as never, title: "", position: "a" }]]),
    turn: { page: 2 as PageNumber, by: "" },
  };
  expect(inOrderOfUse(state).map(({ number }) => number)).toEqual([2, 3, 1]);
});
