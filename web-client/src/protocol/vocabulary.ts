/** The words of the wire contract (docs/protocol.md section 2) that every layer of the page uses. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type ParticipantId = Branded<"ParticipantId">;
export type RoomId = Branded<"RoomId">;
export type SessionId = Branded<"SessionId">;

export const ROLES = ["tutor", "assistant", "officer", "interpreter", "observer"] as const;
export type Role = (typeof ROLES)[number];

export const SOURCES = ["mic", "camera", "screen"] as const;
export type Source = (typeof SOURCES)[number];

export const CONNECTIONS = ["connected", "reconnecting"] as const;
export type Connection = (typeof CONNECTIONS)[number];

export const QUALITIES = ["excellent", "good", "poor", "lost"] as const;
export type Quality = (typeof QUALITIES)[number];

/** What a receive slot carries at the moment. */
export const SLOT_STATES = ["live", "waiting", "paused"] as const;
export type SlotState = (typeof SLOT_STATES)[number];

export const PERMITS = [
  "publish_mic",
  "publish_camera",
  "publish_screen",
  "raise_hand",
  "mute_others",
  "remove_others",
  "end_session",
] as const;
/** An entry of `you.may`. */
export type Permit = (typeof PERMITS)[number];

export const LEAVE_REASONS = ["left", "timeout", "removed", "ended"] as const;
export type LeaveReason = (typeof LEAVE_REASONS)[number];

/** Why a person does not get in: codes of `POST /api/session` and of `connect_error`, and what the page finds itself. */
export const REFUSALS = [
  "ticket_unknown",
  "ticket_expired",
  "ticket_used",
  "invitation_unknown",
  "invitation_expired",
  "name_invalid",
  "removed",
  "room_closed",
  "rate_limited",
  "room_full",
  "token_invalid",
  "token_expired",
  "draining",
  "no_link",
  "unreachable",
  "browser_unsupported",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Those after which another try can succeed without a new link. */
export const RETRIED: ReadonlySet<Refusal> = new Set([
  "rate_limited",
  "room_full",
  "room_closed",
  "draining",
  "unreachable",
]);

/** Times are Unix milliseconds of the server's clock. */
export interface Participant {
  readonly id: ParticipantId;
  readonly name: string;
  readonly role: Role;
  readonly mic: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  /** When the hand was raised; null while it is down. */
  readonly hand: number | null;
  readonly connection: Connection;
  readonly quality: Quality;
  readonly joined_at: number;
}

/** The wire's RoomState: all that a client must know to draw the room. */
export interface RoomSnapshot {
  readonly version: number;
  readonly room: { readonly id: RoomId; readonly name: string };
  readonly session: { readonly id: SessionId; readonly started_at: number };
  readonly you: { readonly participant: ParticipantId; readonly role: Role; readonly may: readonly Permit[] };
  readonly participants: readonly Participant[];
  readonly now: number;
}

/** One entry of `view`: a tile that can be seen, in device pixels. */
export interface TileView {
  readonly participant: ParticipantId;
  readonly source: "camera" | "screen";
  readonly width: number;
  readonly height: number;
}

export type Moderation =
  | { readonly action: "mute" | "remove" | "lower_hand"; readonly participant: ParticipantId }
  | { readonly action: "mute_all" | "end" };
