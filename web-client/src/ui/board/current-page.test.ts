import { describe, expect, it } from "vitest";
import { initialBoardState } from "../../whiteboard/sync/board-state.ts";
import type { ActorId, BoardId, Page, PageNumber, PersonId } from "../../whiteboard/sync/board-vocabulary.ts";
import { currentPage, type Looked, neighboursOf, placeAfterMove } from "./current-page.ts";
import { rulesWith, rulesWithout } from "./rules.ts";

function page(number: number, change: Partial<Page> = {}): Page {
  return {
    number: number as PageNumber,
    board: "b" as BoardId,
    epoch: 1,
    title: "",
    position: String(number),
    width: 1600,
    height: 900,
    paper: "blank",
    slide: null,
    mode: "own",
    rules: [],
    right: "own",
    copy_of: null,
    owner: null,
    shown: false,
    handed_out: false,
    removed: false,
    shapes: 0,
    ...change,
  };
}

function state(pages: readonly Page[], turn: number | null): Looked {
  return {
    ...initialBoardState,
    you: { actor: 1 as ActorId, person: "me" as PersonId, role: "officer", may: new Set() },
    boards: new Map([["b" as BoardId, { id: "b" as BoardId, title: "", position: "a" }]]),
    pages: new Map(pages.map((one) => [one.number, one])),
    turn: { page: turn as PageNumber | null, by: "" },
  };
}

const own = page(9, { copy_of: 2 as PageNumber, owner: "me" as PersonId });
const other = page(8, { copy_of: 2 as PageNumber, owner: "ben" as PersonId });

describe("the page that is looked at", () => {
  it("is that of the class, until the person chooses one", () => {
    const all = state([page(1), page(2)], 2);
    expect(currentPage(all, null)?.number).toBe(2);
    expect(currentPage(all, 1 as PageNumber)?.number).toBe(1);
  });

  it("is the own private copy of the class page, never somebody else's", () => {
    expect(currentPage(state([page(1), page(2), other, own], 2), null)?.number).toBe(9);
    expect(currentPage(state([page(1), page(2), other], 2), null)?.number).toBe(2);
  });

  it("is the first one while the class is nowhere, or where it was is gone", () => {
    expect(currentPage(state([page(1), page(2)], null), null)?.number).toBe(1);
    expect(currentPage(state([page(1), page(2, { removed: true })], 2), 2 as PageNumber)?.number).toBe(1);
    expect(currentPage(state([], 2), null)).toBeNull();
  });

  it("has the neighbours of the page that it is a copy of", () => {
    const all = state([page(1), page(2), page(3), own, other], 2);
    expect(neighboursOf(all, own)).toMatchObject({ place: 2, count: 3, next: { number: 3 } });
    expect(neighboursOf(all, page(1)).previous).toBeNull();
  });
});

describe("a page that is moved", () => {
  const pages = [page(1), page(2), page(3)];

  it("is placed behind the one that will be before it", () => {
    expect(placeAfterMove(pages, 3 as PageNumber, -1)).toBe(1);
    expect(placeAfterMove(pages, 2 as PageNumber, -1)).toBe(0);
    expect(placeAfterMove(pages, 1 as PageNumber, 1)).toBe(2);
  });

  it("goes no further than the ends", () => {
    expect(placeAfterMove(pages, 1 as PageNumber, -1)).toBeNull();
    expect(placeAfterMove(pages, 3 as PageNumber, 1)).toBeNull();
  });
});

describe("exceptions", () => {
  it("are changed in their place, added at the end, and taken away", () => {
    const rules = rulesWith(rulesWith([], "role:officer", "locked"), "person:ana", "own");
    expect(rulesWith(rules, "role:officer", "shared")[0]).toEqual({
      subject: "role:officer",
      mode: "shared",
    });
    expect(rulesWithout(rules, "role:officer")).toEqual([{ subject: "person:ana", mode: "own" }]);
  });
});
