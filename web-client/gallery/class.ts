/** A class of people for the gallery's scenes. */
import type { Participant, ParticipantId, Permit, RoomId, SessionId } from "../src/protocol/vocabulary.ts";
import {
  type DeviceList,
  initialRoomState,
  type OwnDevice,
  type Picture,
  type PictureKey,
  pictureKey,
  type RoomState,
} from "../src/state/room-state.ts";
import { cameraStream, slideStream } from "./pictures.ts";

const names = [
  "Marva Jean-Baptiste",
  "Andre Campbell",
  "Sofía Hernández de la Cruz",
  "Joost van den Berg",
  "Kerry-Ann Thompson",
  "Jean-Michel Désir",
  "Aaliyah Mohammed",
  "Luis Alberto Peña",
  "Rosanne Martina",
  "Devon Grant",
  "Chantal Toussaint",
  "Ramesh Persaud",
  "Ingrid Wijdenbosch",
  "Michel-Ange Baptiste de Saint-Louis du Nord",
];

export const now = 1_790_000_000_000;
export const everything: ReadonlySet<Permit> = new Set<Permit>([
  "publish_mic",
  "publish_camera",
  "publish_screen",
  "raise_hand",
  "mute_others",
  "remove_others",
  "end_session",
]);
export const officerMay: ReadonlySet<Permit> = new Set<Permit>([
  "publish_mic",
  "publish_camera",
  "publish_screen",
  "raise_hand",
]);

export function idOf(index: number): ParticipantId {
  return `p${index}` as ParticipantId;
}

export function person(index: number, change: Partial<Participant> = {}): Participant {
  return {
    id: idOf(index),
    name: names[index % names.length] ?? "",
    role: index === 0 ? "tutor" : "officer",
    mic: index % 3 !== 2,
    camera: index % 5 !== 3,
    screen: false,
    hand: null,
    connection: "connected",
    quality: index % 4 === 0 ? "excellent" : "good",
    joined_at: now + index,
    ...change,
  };
}

export function list(...labels: readonly string[]): DeviceList {
  return {
    choices: labels.map((label, index) => ({ id: `d${index}`, label })),
    selected: labels.length > 0 ? "d0" : null,
  };
}

export const running = (stream: MediaStream | null): OwnDevice => ({
  on: true,
  starting: false,
  problem: "none",
  stream,
});

/** A room of `people` in which `me` sits; everybody with a camera has a picture. */
export function roomOf(
  people: readonly Participant[],
  me: number,
  change: Partial<RoomState> = {},
): RoomState {
  const pictures = new Map<PictureKey, Picture>();
  people.forEach((someone, index) => {
    if (index === me) return;
    if (someone.camera)
      pictures.set(pictureKey("camera", someone.id), { stream: cameraStream(index), state: "live" });
    if (someone.screen)
      pictures.set(pictureKey("screen", someone.id), { stream: slideStream(), state: "live" });
  });
  const self = people[me];
  return {
    ...initialRoomState,
    phase: { name: "room" },
    room: { id: "r" as RoomId, name: "Rules of origin, class 3" },
    session: { id: "s" as SessionId, startedAt: Date.now() - 2_530_000 },
    me: {
      participant: idOf(me),
      name: self?.name ?? "",
      role: self?.role ?? "officer",
      may: self?.role === "tutor" ? everything : officerMay,
      joinsMuted: false,
    },
    participants: new Map(people.map((someone) => [someone.id, someone])),
    speaking: [idOf(0)],
    pictures,
    mic: { ...running(null), on: self?.mic ?? false },
    camera: self?.camera ? running(cameraStream(me)) : initialRoomState.camera,
    devices: {
      mic: list("Built-in microphone", "USB headset"),
      camera: list("Integrated camera"),
      speaker: list("Built-in speakers", "USB headset"),
    },
    ...change,
  };
}
