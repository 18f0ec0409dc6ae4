import { expect, test } from "vitest";
import { initialBoardState } from "./board-state.ts";
import type { Board, BoardId, Page, PageNumber } from "./board-vocabulary.ts";
import { HandClock } from "./fake-hub.ts";
import { FetchAhead } from "./fetch-ahead.ts";

const board = "b" as BoardId;
const pageOf = (number: number) =>
  ({
    number: number as PageNumber,
    board,
    epoch: 1,
    position: String(number),
    slide: null,
    shapes: 1,
    removed: false,
    copy_of: null,
    owner: null,
  }) as Page;

test("a page that cannot be had does not keep the others from being fetched", async () => {
  const clock = new HandClock();
  const asked: number[] = [];
  const pages = [1, 2, 3].map(pageOf);
  const ahead = new FetchAhead({
    clock,
    state: () => ({
      ...initialBoardState,
      boards: new Map([[board, { id: board, title: "", position: "a" } as Board]]),
      pages: new Map(pages.map((page) => [page.number, page])),
    }),
    calm: () => true,
    fetchPage: async (page) => {
      asked.push(page);
      return page !== 1;
    },
    fetchSlide: async () => true,
  });
  ahead.wake();
  await clock.push(60_000);
  ahead.close();
  expect(asked).toEqual([1, 1, 1, 2, 3]);
});
