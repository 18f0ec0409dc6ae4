/** Every message from the server is parsed here before anything else sees it (docs/protocol.md sections 1 and 2). */
import * as v from "valibot";
import {
  CONNECTIONS,
  LEAVE_REASONS,
  type Participant,
  type ParticipantId,
  PERMITS,
  QUALITIES,
  ROLES,
  type RoomId,
  type RoomSnapshot,
  type SessionId,
  SLOT_STATES,
  SOURCES,
} from "./vocabulary.ts";

const participantId = v.pipe(
  v.string(),
  v.transform((id) => id as ParticipantId),
);
const roomId = v.pipe(
  v.string(),
  v.transform((id) => id as RoomId),
);
const sessionId = v.pipe(
  v.string(),
  v.transform((id) => id as SessionId),
);

const participant: v.GenericSchema<unknown, Participant> = v.object({
  id: participantId,
  name: v.string(),
  role: v.picklist(ROLES),
  mic: v.boolean(),
  camera: v.boolean(),
  screen: v.boolean(),
  hand: v.nullable(v.number()),
  connection: v.picklist(CONNECTIONS),
  quality: v.picklist(QUALITIES),
  joined_at: v.number(),
});

const room = v.object({ id: roomId, name: v.string() });

const snapshot: v.GenericSchema<unknown, RoomSnapshot> = v.object({
  version: v.number(),
  room,
  session: v.object({ id: sessionId, started_at: v.number() }),
  you: v.object({
    participant: participantId,
    role: v.picklist(ROLES),
    // A permit that this page does not know yet is left out, not an error.
    may: v.pipe(
      v.array(v.string()),
      v.transform((may) => PERMITS.filter((permit) => may.includes(permit))),
    ),
  }),
  participants: v.array(participant),
  now: v.number(),
});

const slot = v.object({
  mid: v.string(),
  participant: v.nullable(participantId),
  source: v.nullable(v.picklist(SOURCES)),
  state: v.picklist(SLOT_STATES),
});
export type SlotChange = v.InferOutput<typeof slot>;

const quality = v.pipe(
  v.record(v.string(), v.picklist(QUALITIES)),
  v.transform(
    (changed) => new Map(Object.entries(changed).map(([id, value]) => [id as ParticipantId, value])),
  ),
);

const by = v.object({ by: v.nullish(v.string(), null) });

/** Server to client, docs/protocol.md section 2.2. */
export const serverEvents = {
  state: snapshot,
  participant: v.object({ version: v.number(), participant }),
  left: v.object({ version: v.number(), participant: participantId, reason: v.picklist(LEAVE_REASONS) }),
  speaking: v.object({ participants: v.array(participantId) }),
  slots: v.object({ slots: v.array(slot) }),
  encodings: v.object({ source: v.picklist(SOURCES), active: v.array(v.boolean()) }),
  quality: v.object({ participants: quality }),
  muted: v.object({ source: v.picklist(SOURCES), by: v.nullish(v.string(), null) }),
  lowered: by,
  removed: by,
  ended: by,
  restart_ice: v.object({}),
  renew_media: v.object({}),
  moved: v.object({}),
  draining: v.object({ reconnect_in_ms: v.number() }),
} as const;

export type ServerEvent = keyof typeof serverEvents;
export type ServerPayload<Name extends ServerEvent> = v.InferOutput<(typeof serverEvents)[Name]>;

/** Acknowledgements beside `ok`, by client event. */
export const acknowledgements = {
  join: v.object({ state: snapshot }),
  offer: v.object({ sdp: v.string() }),
  media: v.object({}),
  view: v.object({}),
  hand: v.object({}),
  moderate: v.object({}),
  sync: v.object({ state: snapshot }),
  leave: v.object({}),
} as const;

export type ClientEvent = keyof typeof acknowledgements;
export type Acknowledged<Name extends ClientEvent> = v.InferOutput<(typeof acknowledgements)[Name]>;

export const outcome = v.variant("ok", [
  v.looseObject({ ok: v.literal(true) }),
  v.object({
    ok: v.literal(false),
    error: v.object({
      code: v.string(),
      detail: v.optional(v.string(), ""),
      retry_after_s: v.nullish(v.number(), null),
    }),
  }),
]);

const iceServer = v.object({
  urls: v.union([v.string(), v.array(v.string())]),
  username: v.exactOptional(v.string()),
  credential: v.exactOptional(v.string()),
});

/** Answer of `POST /api/session` and, without the token, of `GET /api/session`. */
export const sessionAnswer = v.object({
  token: v.optional(v.string()),
  room,
  person: v.object({ name: v.string() }),
  role: v.picklist(ROLES),
  muted: v.boolean(),
  ice_servers: v.array(iceServer),
});
export type SessionAnswer = v.InferOutput<typeof sessionAnswer>;

export const problem = v.object({ code: v.string(), retry_after_s: v.nullish(v.number(), null) });

/** The parsed message, or null when the other side broke the contract. */
export function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  message: unknown,
): v.InferOutput<Schema> | null {
  const result = v.safeParse(schema, message);
  return result.success ? result.output : null;
}
