/** The moves of the room's state, pure: a state and a fact in, the parts that changed out. Use as `store.setState((s) => ...)`. */
import type { Participant, ParticipantId, Quality, RoomSnapshot, Source } from "../protocol/vocabulary.ts";
import type {
  DeviceKind,
  DeviceList,
  NoticeBody,
  OwnDevice,
  Phase,
  Picture,
  PictureKey,
  RoomState,
} from "./room-state.ts";

export type Change = Partial<RoomState>;

/** Notes wait here until they have been read out; older ones give way (a storm must not grow without bound). */
const NOTICES_KEPT = 8;

export function phaseChanged(phase: Phase): Change {
  return { phase };
}

/** A full resync: everything that the server knows is replaced, everything of this machine is kept. */
export function snapshotArrived(state: RoomState, snapshot: RoomSnapshot, localNowMs: number): Change {
  const participants = new Map(snapshot.participants.map((person) => [person.id, person]));
  return {
    room: snapshot.room,
    session: { id: snapshot.session.id, startedAt: snapshot.session.started_at },
    clockOffsetMs: snapshot.now - localNowMs,
    participants,
    speaking: state.speaking.filter((id) => participants.has(id)),
    pictures: keepPictures(state.pictures, (id) => participants.has(id)),
    me: {
      ...state.me,
      participant: snapshot.you.participant,
      name: participants.get(snapshot.you.participant)?.name ?? state.me.name,
      role: snapshot.you.role,
      may: new Set(snapshot.you.may),
    },
  };
}

export function participantChanged(state: RoomState, participant: Participant): Change {
  return { participants: new Map(state.participants).set(participant.id, participant) };
}

export function participantLeft(state: RoomState, id: ParticipantId): Change {
  const participants = new Map(state.participants);
  if (!participants.delete(id)) return {};
  return {
    participants,
    speaking: state.speaking.filter((other) => other !== id),
    pictures: keepPictures(state.pictures, (other) => other !== id),
  };
}

export function speakingChanged(participants: readonly ParticipantId[]): Change {
  return { speaking: participants };
}

export function qualityChanged(state: RoomState, changed: ReadonlyMap<ParticipantId, Quality>): Change {
  const participants = new Map(state.participants);
  for (const [id, quality] of changed) {
    const person = participants.get(id);
    if (person) participants.set(id, { ...person, quality });
  }
  return { participants };
}

/** `null` frees the key: nothing carries this picture any more. */
export function picturesChanged(state: RoomState, changed: ReadonlyMap<PictureKey, Picture | null>): Change {
  const pictures = new Map(state.pictures);
  for (const [key, picture] of changed) {
    if (picture) pictures.set(key, picture);
    else pictures.delete(key);
  }
  return { pictures };
}

export function deviceChanged(state: RoomState, source: Source, change: Partial<OwnDevice>): Change {
  return { [source]: { ...state[source], ...change } };
}

export function deviceListChanged(state: RoomState, kind: DeviceKind, list: DeviceList): Change {
  return { devices: { ...state.devices, [kind]: list } };
}

export function noticeAdded(state: RoomState, body: NoticeBody): Change {
  const id = (state.notices.at(-1)?.id ?? 0) + 1;
  return { notices: [...state.notices, { ...body, id }].slice(-NOTICES_KEPT) };
}

export function noticeTaken(state: RoomState, id: number): Change {
  return { notices: state.notices.filter((notice) => notice.id !== id) };
}

function keepPictures(
  pictures: ReadonlyMap<PictureKey, Picture>,
  keep: (id: ParticipantId) => boolean,
): ReadonlyMap<PictureKey, Picture> {
  const kept = [...pictures].filter(([key]) => keep(key.slice(key.indexOf(":") + 1) as ParticipantId));
  return kept.length === pictures.size ? pictures : new Map(kept);
}
