/** All that the board's screens show, as one immutable value. The board's client writes it, `ui/board` reads it. */
import type {
  Actor,
  ActorId,
  Board,
  BoardId,
  BoardLimits,
  Group,
  Job,
  JobId,
  Page,
  PageNumber,
  Turn,
  You,
} from "./board-vocabulary.ts";
import type { Ghost } from "./keeper.ts";
import type { PageStatus } from "./page-ports.ts";

/**
 * connecting -> open | waiting | refused
 * open -> waiting | refused
 * waiting -> open | refused
 */
export type LinkState = "connecting" | "open" | "waiting" | "refused";

/** A file on its way to become slides or an image. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  /** 0 to 1 of the file; 1 = the server works on it. */
  readonly sent: number;
  readonly job: JobId | null;
  readonly problem: string | null;
}

export interface BoardState {
  readonly link: LinkState;
  /** Counted from 1 while the link is being brought back. */
  readonly attempt: number;
  /** Null until the first welcome. */
  readonly you: You | null;
  readonly boards: ReadonlyMap<BoardId, Board>;
  readonly pages: ReadonlyMap<PageNumber, Page>;
  readonly groups: readonly Group[];
  readonly people: ReadonlyMap<ActorId, Actor>;
  readonly turn: Turn;
  readonly saveAtEnd: boolean;
  readonly limits: BoardLimits;
  readonly jobs: ReadonlyMap<JobId, Job>;
  readonly uploads: readonly Upload[];
  /** Changes that the server has not stored yet. */
  readonly waiting: number;
  /** False = what waits lives in this tab alone: the browser has no room for it, or gives none. */
  readonly keeps: boolean;
  readonly ghosts: readonly Ghost[];
  /** Of the pages that are in use. */
  readonly statuses: ReadonlyMap<PageNumber, PageStatus>;
}

export const initialBoardState: BoardState = {
  link: "connecting",
  attempt: 0,
  you: null,
  boards: new Map(),
  pages: new Map(),
  groups: [],
  people: new Map(),
  turn: { page: null, by: "" },
  saveAtEnd: false,
  limits: { shapes: 20_000, shape_bytes: 16_384, page_bytes: 30_000_000, updates_per_s: 60 },
  jobs: new Map(),
  uploads: [],
  waiting: 0,
  keeps: true,
  ghosts: [],
  statuses: new Map(),
};
