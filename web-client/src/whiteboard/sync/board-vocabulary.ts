/** The words of the whiteboard's contract (docs/protocol.md section 3.1) that its every layer uses. */
import type { ParticipantId, Role } from "../../protocol/vocabulary.ts";

declare const brand: unique symbol;
type BrandedText<Name extends string> = string & { readonly [brand]: Name };
type BrandedNumber<Name extends string> = number & { readonly [brand]: Name };

export type BoardId = BrandedText<"BoardId">;
export type GroupId = BrandedText<"GroupId">;
export type PersonId = BrandedText<"PersonId">;
export type JobId = BrandedText<"JobId">;
export type PageNumber = BrandedNumber<"PageNumber">;
/** One connection of one person. */
export type ActorId = BrandedNumber<"ActorId">;

export const PAPERS = ["blank", "grid", "ruled", "dots"] as const;
export type Paper = (typeof PAPERS)[number];

export const MODES = ["locked", "tutors", "own", "shared"] as const;
export type Mode = (typeof MODES)[number];

export const RIGHTS = ["none", "own", "all"] as const;
export type Right = (typeof RIGHTS)[number];

export const BOARD_PERMITS = ["board_write", "board_manage", "board_point"] as const;
export type BoardPermit = (typeof BOARD_PERMITS)[number];

export interface Rule {
  /** `role:officer`, `person:<id>` or `group:<id>`. */
  readonly subject: string;
  readonly mode: Mode;
}

export interface Board {
  readonly id: BoardId;
  readonly title: string;
  readonly position: string;
}

export interface Slide {
  readonly file: string;
  readonly page: number;
}

export interface Page {
  readonly number: PageNumber;
  readonly board: BoardId;
  readonly epoch: number;
  readonly title: string;
  readonly position: string;
  readonly width: number;
  readonly height: number;
  readonly paper: Paper;
  readonly slide: Slide | null;
  readonly mode: Mode;
  readonly rules: readonly Rule[];
  readonly right: Right;
  readonly copy_of: PageNumber | null;
  readonly owner: PersonId | null;
  readonly shown: boolean;
  readonly handed_out: boolean;
  readonly removed: boolean;
  readonly shapes: number;
}

export interface Group {
  readonly id: GroupId;
  readonly name: string;
  readonly persons: readonly PersonId[];
}

export interface Actor {
  readonly actor: ActorId;
  readonly person: PersonId;
  readonly participant: ParticipantId | null;
  readonly name: string;
  readonly role: Role;
}

export interface You {
  readonly actor: ActorId;
  readonly person: PersonId;
  readonly role: Role;
  readonly may: ReadonlySet<BoardPermit>;
}

export interface Turn {
  /** Null: the class looks elsewhere. */
  readonly page: PageNumber | null;
  readonly by: string;
}

export interface BoardLimits {
  readonly shapes: number;
  readonly shape_bytes: number;
  readonly page_bytes: number;
  readonly updates_per_s: number;
}

export const JOB_STATES = ["waiting", "running", "done", "failed"] as const;

export interface Job {
  readonly job: JobId;
  readonly state: (typeof JOB_STATES)[number];
  readonly done: number;
  readonly total: number;
  readonly code: string | null;
  readonly board: BoardId | null;
}

export const NACK_CODES = [
  "locked",
  "not_owner",
  "read_only",
  "too_fast",
  "too_big",
  "page_full",
  "invalid",
  "gap",
  "epoch",
  "storage",
] as const;
export type NackCode = (typeof NACK_CODES)[number];
