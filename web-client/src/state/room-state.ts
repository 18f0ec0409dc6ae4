/** All that the screens show, as one immutable value. `session.ts` writes it, `ui/` reads it. */
import type {
  Participant,
  ParticipantId,
  Permit,
  Refusal,
  Role,
  RoomId,
  SessionId,
  SlotState,
} from "../protocol/vocabulary.ts";

import type { BoardFace } from "../whiteboard/sync/board-face.ts";

/**
 * Where the person is.
 *
 * opening -> joining | refused
 * joining -> connecting | refused
 * connecting -> room | joining | refused | left
 * room -> reconnecting | left | ended | removed
 * reconnecting -> room | left | moved | ended | removed | refused
 * left | moved -> connecting (rejoin)
 */
export type Phase =
  /** The link is being exchanged for a session token. */
  | { readonly name: "opening" }
  /** The join page; an invitation asks for a name, a ticket brings one. */
  | { readonly name: "joining"; readonly asksName: boolean; readonly problem: Refusal | null }
  | { readonly name: "connecting"; readonly step: "signalling" | "media" }
  | { readonly name: "room" }
  /** `attempt` counts from 1; `reason` says whose fault it is. */
  | { readonly name: "reconnecting"; readonly attempt: number; readonly reason: "network" | "server_restart" }
  | { readonly name: "left" }
  /** A newer tab of the same person carries the class. */
  | { readonly name: "moved" }
  | { readonly name: "ended"; readonly by: string | null }
  | { readonly name: "removed"; readonly by: string | null }
  | { readonly name: "refused"; readonly code: Refusal; readonly retryAfterS: number | null };

export interface Me {
  /** Null until the join is acknowledged. */
  readonly participant: ParticipantId | null;
  readonly name: string;
  readonly role: Role;
  readonly may: ReadonlySet<Permit>;
  /** The ticket asks this person to come in with the microphone off. */
  readonly joinsMuted: boolean;
}

export type PictureSource = "camera" | "screen";
export type PictureKey = `${PictureSource}:${ParticipantId}`;

/** Video of somebody else that a slot carries. `stream` is null while the slot waits for its first frame. */
export interface Picture {
  readonly stream: MediaStream | null;
  readonly state: SlotState;
}

/** Incoming sound; the page plays every one of them. `id` is the media section's mid. */
export interface Sound {
  readonly id: string;
  readonly stream: MediaStream;
  readonly participant: ParticipantId | null;
}

/** Why an own device gives nothing. `none` = all is well. */
export type DeviceProblem = "none" | "denied" | "dismissed" | "missing" | "busy" | "insecure" | "failed";

export interface OwnDevice {
  /** What the person wants, and sees on the button. */
  readonly on: boolean;
  /** The browser is asking or the device is starting. */
  readonly starting: boolean;
  readonly problem: DeviceProblem;
  /** For the preview and the own tile; never played aloud. */
  readonly stream: MediaStream | null;
}

export type DeviceKind = "mic" | "camera" | "speaker";

export interface DeviceChoice {
  readonly id: string;
  /** The browser's label; empty before permission is given. */
  readonly label: string;
}

export interface DeviceList {
  readonly choices: readonly DeviceChoice[];
  readonly selected: string | null;
}

export type NetworkVerdict = "good" | "fair" | "poor" | "blocked" | "offline";

export type NetworkCheck =
  | { readonly state: "idle" }
  | { readonly state: "running" }
  | {
      readonly state: "done";
      readonly verdict: NetworkVerdict;
      readonly roundTripMs: number | null;
      readonly downlinkKbps: number | null;
    };

/** Something worth saying once: shown as a passing note and read out by the live region. */
export type Notice = { readonly id: number } & NoticeBody;

export type NoticeBody =
  | { readonly kind: "muted_by"; readonly name: string }
  | { readonly kind: "hand_lowered_by"; readonly name: string }
  | { readonly kind: "device_lost"; readonly device: DeviceKind }
  | { readonly kind: "device_switched"; readonly device: DeviceKind; readonly label: string }
  | { readonly kind: "device_failed"; readonly device: DeviceKind; readonly problem: DeviceProblem }
  | { readonly kind: "screen_refused" }
  | { readonly kind: "screen_stopped" }
  | { readonly kind: "reconnected" }
  | { readonly kind: "too_fast" }
  | { readonly kind: "not_allowed" }
  | { readonly kind: "action_failed" };

export interface RoomState {
  readonly phase: Phase;
  readonly room: { readonly id: RoomId; readonly name: string } | null;
  readonly session: { readonly id: SessionId; readonly startedAt: number } | null;
  /** Server clock minus this machine's clock, in ms. */
  readonly clockOffsetMs: number;
  readonly me: Me;
  /** Everybody in the room, me included. */
  readonly participants: ReadonlyMap<ParticipantId, Participant>;
  /** All who speak now, loudest first. */
  readonly speaking: readonly ParticipantId[];
  readonly pictures: ReadonlyMap<PictureKey, Picture>;
  readonly sounds: readonly Sound[];
  readonly mic: OwnDevice;
  readonly camera: OwnDevice;
  readonly screen: OwnDevice;
  /** The space bar is held: the microphone is open although `mic.on` is false. */
  readonly talking: boolean;
  readonly devices: Readonly<Record<DeviceKind, DeviceList>>;
  readonly network: NetworkCheck;
  readonly notices: readonly Notice[];
  /** The whiteboard of this stay; null until its part of the page is here. */
  readonly board: BoardFace | null;
}

const offDevice: OwnDevice = { on: false, starting: false, problem: "none", stream: null };
const noDevices: DeviceList = { choices: [], selected: null };

export const initialRoomState: RoomState = {
  phase: { name: "opening" },
  room: null,
  session: null,
  clockOffsetMs: 0,
  me: { participant: null, name: "", role: "officer", may: new Set(), joinsMuted: false },
  participants: new Map(),
  speaking: [],
  pictures: new Map(),
  sounds: [],
  mic: offDevice,
  camera: offDevice,
  screen: offDevice,
  talking: false,
  devices: { mic: noDevices, camera: noDevices, speaker: noDevices },
  network: { state: "idle" },
  notices: [],
  board: null,
};

export function pictureKey(source: PictureSource, participant: ParticipantId): PictureKey {
  return `${source}:${participant}`;
}
