/** The moves of the board's state, pure: a state and a message in, the parts that changed out. */
import type { MessageOf, PageNews } from "./board-messages.ts";
import type { BoardState } from "./board-state.ts";
import type { Board, BoardId, Job, JobId, Page, PageNumber } from "./board-vocabulary.ts";

export type BoardChange = Partial<BoardState>;

/** A job that is over is shown for as long as others come after it. */
const JOBS_KEPT = 12;

export function welcomed(state: BoardState, message: MessageOf<"welcome">): BoardChange {
  return {
    link: "open",
    attempt: 0,
    you: { ...message.you, may: new Set(message.you.may) },
    boards: new Map(message.boards.map((board) => [board.id, board])),
    pages: new Map(message.pages.map((page) => [page.number, pageOf(page, state.pages.get(page.number))])),
    groups: message.groups,
    people: new Map(message.people.map((actor) => [actor.actor, actor])),
    turn: { page: message.turn.page, by: message.turn.by ?? "" },
    saveAtEnd: message.settings.save_at_end,
    limits: message.limits,
  };
}

export function pagesChanged(state: BoardState, message: MessageOf<"pages">): BoardChange {
  const pages = new Map(state.pages);
  for (const news of message.pages) pages.set(news.number, pageOf(news, pages.get(news.number)));
  for (const number of message.gone) pages.delete(number);
  return { pages };
}

export function boardsChanged(state: BoardState, message: MessageOf<"boards">): BoardChange {
  const boards = new Map<BoardId, Board>(state.boards);
  for (const board of message.boards) boards.set(board.id, board);
  for (const id of message.gone) boards.delete(id);
  return { boards };
}

export function peopleChanged(state: BoardState, message: MessageOf<"people">): BoardChange {
  const people = new Map(state.people);
  for (const actor of message.people) people.set(actor.actor, actor);
  for (const actor of message.gone) people.delete(actor);
  return { people };
}

export function jobChanged(state: BoardState, job: Job): BoardChange {
  const jobs = new Map<JobId, Job>(state.jobs).set(job.job, job);
  for (const [id, { state: how }] of jobs) {
    if (jobs.size <= JOBS_KEPT) break;
    if (how === "done" || how === "failed") jobs.delete(id);
  }
  const uploads =
    job.state === "done" ? state.uploads.filter((upload) => upload.job !== job.job) : state.uploads;
  return { jobs, uploads };
}

/** Boards in their order. */
export function boardsInOrder(state: Pick<BoardState, "boards">): readonly Board[] {
  return [...state.boards.values()].sort(
    (a, b) => byCodeUnit(a.position, b.position) || byCodeUnit(a.id, b.id),
  );
}

/** The pages of a board in their order, without private copies and removed ones. */
export function pagesInOrder(state: Pick<BoardState, "pages">, board: BoardId): readonly Page[] {
  return [...state.pages.values()]
    .filter((page) => page.board === board && !page.removed && page.copy_of === null)
    .sort(byPosition);
}

export function removedPages(state: Pick<BoardState, "pages">, board: BoardId): readonly Page[] {
  return [...state.pages.values()].filter((page) => page.board === board && page.removed).sort(byPosition);
}

/** The private copies of a page. */
export function copiesOf(state: Pick<BoardState, "pages">, page: PageNumber): readonly Page[] {
  return [...state.pages.values()]
    .filter((copy) => copy.copy_of === page && !copy.removed)
    .sort((a, b) => byCodeUnit(a.owner ?? "", b.owner ?? ""));
}

function byPosition(a: Page, b: Page): number {
  return byCodeUnit(a.position, b.position) || a.number - b.number;
}

/** Positions are compared by code unit on both sides; an alphabet would put them elsewhere. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function pageOf(news: PageNews, before: Page | undefined): Page {
  return { ...news, right: news.right ?? before?.right ?? "none" };
}
