/** Every text message of the board's socket is parsed here (docs/protocol.md section 3.1). */
import * as v from "valibot";
import { ROLES } from "../../protocol/vocabulary.ts";
import {
  type Actor,
  type ActorId,
  BOARD_PERMITS,
  type Board,
  type BoardId,
  type Group,
  type GroupId,
  JOB_STATES,
  type Job,
  type JobId,
  MODES,
  NACK_CODES,
  PAPERS,
  type PageNumber,
  type PersonId,
  RIGHTS,
} from "./board-vocabulary.ts";

const text = <Id extends string>() =>
  v.pipe(
    v.string(),
    v.transform((value) => value as Id),
  );
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const counted = <Id extends number>() =>
  v.pipe(
    count,
    v.transform((value) => value as Id),
  );
const pageNumber = counted<PageNumber>();

const board: v.GenericSchema<unknown, Board> = v.object({
  id: text<BoardId>(),
  title: v.string(),
  position: v.string(),
});

const page = v.object({
  number: pageNumber,
  board: text<BoardId>(),
  epoch: count,
  title: v.string(),
  position: v.string(),
  width: v.number(),
  height: v.number(),
  paper: v.fallback(v.picklist(PAPERS), "blank"),
  slide: v.nullish(v.object({ file: v.string(), page: count }), null),
  // A mode that this page does not know yet lets nobody write: the server decides anyway.
  mode: v.fallback(v.picklist(MODES), "locked"),
  rules: v.optional(
    v.array(v.object({ subject: v.string(), mode: v.fallback(v.picklist(MODES), "locked") })),
    [],
  ),
  /** Sent only to whom it changed for; otherwise what is known stays. */
  right: v.optional(v.picklist(RIGHTS)),
  copy_of: v.nullish(pageNumber, null),
  owner: v.nullish(text<PersonId>(), null),
  shown: v.optional(v.boolean(), false),
  handed_out: v.optional(v.boolean(), false),
  removed: v.optional(v.boolean(), false),
  shapes: v.optional(count, 0),
});
export type PageNews = v.InferOutput<typeof page>;

const group: v.GenericSchema<unknown, Group> = v.object({
  id: text<GroupId>(),
  name: v.string(),
  persons: v.array(text<PersonId>()),
});

const actor: v.GenericSchema<unknown, Actor> = v.object({
  actor: counted<ActorId>(),
  person: text<PersonId>(),
  participant: v.nullish(text<NonNullable<Actor["participant"]>>(), null),
  name: v.string(),
  role: v.picklist(ROLES),
});

const settings = v.object({ save_at_end: v.boolean() });
const writer = v.object({
  client: count,
  person: text<PersonId>(),
  name: v.optional(v.string(), ""),
});
export type Writer = v.InferOutput<typeof writer>;

const turned = v.object({ page: v.nullable(pageNumber), by: v.nullish(v.string(), "") });
const job: v.GenericSchema<unknown, Job> = v.object({
  job: text<JobId>(),
  state: v.picklist(JOB_STATES),
  done: v.optional(count, 0),
  total: v.optional(count, 0),
  code: v.nullish(v.string(), null),
  board: v.nullish(text<BoardId>(), null),
});

const limits = v.object({
  shapes: count,
  shape_bytes: count,
  page_bytes: count,
  updates_per_s: count,
});

const typed = <const Type extends string, Entries extends v.ObjectEntries>(type: Type, entries: Entries) =>
  v.object({ type: v.literal(type), ...entries });

const serverMessage = v.variant("type", [
  typed("welcome", {
    version: count,
    you: v.object({
      actor: counted<ActorId>(),
      person: text<PersonId>(),
      role: v.picklist(ROLES),
      may: v.pipe(
        v.array(v.string()),
        v.transform((may) => BOARD_PERMITS.filter((permit) => may.includes(permit))),
      ),
    }),
    boards: v.array(board),
    pages: v.array(page),
    groups: v.array(group),
    people: v.array(actor),
    // A bare number and a turn with its author are both at home in the contract's words.
    turn: v.union([
      turned,
      v.pipe(
        v.nullish(pageNumber, null),
        v.transform((number) => ({ page: number, by: "" })),
      ),
    ]),
    settings: v.optional(settings, { save_at_end: false }),
    limits: v.optional(limits, {
      shapes: 20_000,
      shape_bytes: 16_384,
      page_bytes: 30_000_000,
      updates_per_s: 60,
    }),
    now: v.number(),
  }),
  typed("pages", { version: count, pages: v.array(page), gone: v.optional(v.array(pageNumber), []) }),
  typed("boards", { version: count, boards: v.array(board), gone: v.optional(v.array(text<BoardId>()), []) }),
  typed("groups", { version: count, groups: v.array(group) }),
  typed("turn", turned.entries),
  typed("people", {
    people: v.array(actor),
    gone: v.optional(v.array(counted<ActorId>()), []),
  }),
  typed("settings", settings.entries),
  typed("opened", {
    page: pageNumber,
    epoch: count,
    seq: count,
    client: v.nullish(count, null),
    reset: v.optional(v.boolean(), false),
    writers: v.optional(v.array(writer), []),
  }),
  typed("writer", { page: pageNumber, epoch: v.optional(count, 0), ...writer.entries }),
  typed("nack", {
    page: pageNumber,
    n: count,
    code: v.fallback(v.picklist(NACK_CODES), "invalid"),
    detail: v.optional(v.string(), ""),
  }),
  typed("rolled", { page: pageNumber, epoch: count }),
  typed("behind", { page: pageNumber }),
  v.pipe(
    v.looseObject({ type: v.literal("job") }),
    v.transform(({ type, ...rest }) => ({ type, news: v.safeParse(job, rest) })),
    v.transform(({ type, news }) => ({ type, job: news.success ? news.output : null })),
  ),
  v.looseObject({ type: v.literal("done"), id: v.number() }),
  typed("refused", {
    id: v.number(),
    code: v.string(),
    detail: v.optional(v.string(), ""),
    retry_after_s: v.nullish(v.number(), null),
  }),
]);

export type ServerMessage = v.InferOutput<typeof serverMessage>;
export type MessageOf<Type extends ServerMessage["type"]> = Extract<ServerMessage, { readonly type: Type }>;

/** Null = not JSON, of a type that this page does not know, or broken: it is passed over. */
export function parseMessage(data: string): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  const result = v.safeParse(serverMessage, value);
  return result.success ? result.output : null;
}
