/** Which page a person looks at: pure decisions over the board's state. */
import { boardsInOrder, copiesOf, pagesInOrder } from "../../whiteboard/sync/board-changes.ts";
import type { BoardState } from "../../whiteboard/sync/board-state.ts";
import type { Page, PageNumber } from "../../whiteboard/sync/board-vocabulary.ts";

export type Looked = Pick<BoardState, "pages" | "boards" | "turn" | "you">;

/** `looking`: the page that the person chose; null = the page of the class, or the own copy of it. */
export function currentPage(state: Looked, looking: PageNumber | null): Page | null {
  const chosen = looking === null ? undefined : state.pages.get(looking);
  if (chosen && !chosen.removed) return chosen;
  return classPage(state) ?? firstPage(state);
}

/** Where the class is, as this person sees it: who has a private copy of the page works on that. */
export function classPage(state: Looked): Page | null {
  const turned = state.turn.page === null ? undefined : state.pages.get(state.turn.page);
  if (!turned || turned.removed) return null;
  return ownCopy(state, turned.number) ?? turned;
}

export function ownCopy(state: Looked, page: PageNumber): Page | null {
  const person = state.you?.person;
  return copiesOf(state, page).find(({ owner }) => owner === person && owner !== null) ?? null;
}

export interface Neighbours {
  /** Counted from 1. */
  readonly place: number;
  readonly count: number;
  readonly previous: Page | null;
  readonly next: Page | null;
}

/** A private copy stands where its page stands. */
export function neighboursOf(state: Looked, page: Page): Neighbours {
  const pages = pagesInOrder(state, page.board);
  const at = pages.findIndex(({ number }) => number === (page.copy_of ?? page.number));
  return {
    place: at + 1,
    count: pages.length,
    previous: at > 0 ? (pages[at - 1] ?? null) : null,
    next: at >= 0 ? (pages[at + 1] ?? null) : null,
  };
}

/** For `page_move`: the number of the page to stand behind, 0 = first; null = it cannot go further. */
export function placeAfterMove(pages: readonly Page[], page: PageNumber, by: -1 | 1): PageNumber | 0 | null {
  const at = pages.findIndex(({ number }) => number === page);
  if (at < 0 || at + by < 0 || at + by >= pages.length) return null;
  return pages[by < 0 ? at - 2 : at + 1]?.number ?? 0;
}

function firstPage(state: Looked): Page | null {
  for (const board of boardsInOrder(state)) {
    const [first] = pagesInOrder(state, board.id);
    if (first) return first;
  }
  return null;
}
