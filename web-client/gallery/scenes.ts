/** Every screen and state that a person can meet, each under a name. */
import { REFUSALS } from "../src/protocol/vocabulary.ts";
import { initialRoomState, pictureKey, type RoomState } from "../src/state/room-state.ts";
import type { RoomView } from "../src/ui/room/room-view.ts";
import type { BoardFace } from "../src/whiteboard/sync/board-face.ts";
import type { BoardState } from "../src/whiteboard/sync/board-state.ts";
import type { BoardId, Page, PageNumber, PersonId } from "../src/whiteboard/sync/board-vocabulary.ts";
import { galleryBoard, galleryPage, ghosts, groups, ruled, uploading, withCopies } from "./board-room.ts";
import { idOf, list, person, roomOf, running } from "./class.ts";
import { cameraStream } from "./pictures.ts";

export interface Scene {
  readonly state: () => RoomState;
  readonly view?: Partial<RoomView>;
}

const crowd = (count: number) => Array.from({ length: count }, (_unused, index) => person(index));

function joining(change: Partial<RoomState> = {}): RoomState {
  return {
    ...roomOf([person(1)], 0),
    phase: { name: "joining", asksName: false, problem: null },
    session: null,
    mic: running(new MediaStream()),
    camera: running(cameraStream(1)),
    network: { state: "done", verdict: "good", roundTripMs: 84, downlinkKbps: 12_400 },
    ...change,
  };
}

const classroom = (me = 1) =>
  roomOf(
    [
      person(0),
      person(1),
      person(2, { hand: 5000, mic: false }),
      person(3),
      person(4, { hand: 3000 }),
      person(5, { quality: "poor" }),
      person(6),
      person(7, { connection: "reconnecting" }),
    ],
    me,
  );

function withPicture(state: RoomState, index: number, picture: "paused" | "waiting"): RoomState {
  const pictures = new Map(state.pictures);
  const key = pictureKey("camera", idOf(index));
  const before = pictures.get(key);
  pictures.set(key, { stream: picture === "paused" ? (before?.stream ?? null) : null, state: picture });
  return { ...state, pictures };
}

const screenShare = () => {
  const people = [person(0, { screen: true }), ...crowd(7).slice(1)];
  return roomOf(people, 1);
};

const onBoard = (me: number, board: BoardFace): RoomState => ({ ...classroom(me), board });

/** The board of an officer for whom something is different. */
const boardOf = (me: number, change: Partial<BoardState>, page: Partial<Page> = {}): RoomState => {
  const face = galleryBoard(me, change);
  face.store.setState((state) => {
    const first = state.pages.get(1 as PageNumber);
    return first ? { pages: new Map(state.pages).set(first.number, { ...first, ...page }) } : {};
  });
  return onBoard(me, face);
};

const privatePage = galleryPage(22, {
  copy_of: 1 as PageNumber,
  owner: "person-1" as PersonId,
  right: "all",
  slide: { file: "slides", page: 1 },
});

const boards: Readonly<Record<string, Scene>> = {
  "board-tutor": { state: () => onBoard(0, galleryBoard(0)) },
  "board-officer": { state: () => onBoard(1, galleryBoard(1)) },
  "board-looking": {
    state: () => onBoard(1, galleryBoard(1)),
    view: { board: { looking: 2 as PageNumber } },
  },
  "board-locked": { state: () => boardOf(1, {}, { mode: "locked", right: "none" }) },
  "board-offline": { state: () => boardOf(1, { link: "waiting", attempt: 4, waiting: 12 }) },
  "board-ghosts": { state: () => boardOf(1, { ghosts }), view: { board: { panel: "ghosts" } } },
  "board-shapes": { state: () => onBoard(1, galleryBoard(1)), view: { board: { panel: "shapes" } } },
  "board-copies": { state: () => onBoard(0, withCopies(0)), view: { board: { panel: "copies" } } },
  "board-private": {
    state: () => {
      const face = galleryBoard(1);
      face.store.setState((state) => ({ pages: new Map(state.pages).set(privatePage.number, privatePage) }));
      return onBoard(1, face);
    },
  },
  "board-rights": {
    state: () => boardOf(0, { groups }, ruled),
    view: { board: { dialog: { name: "rights" } } },
  },
  "board-restore": {
    state: () => {
      const face = galleryBoard(0);
      const removed = [31, 32].map((number) =>
        galleryPage(number, {
          removed: true,
          right: "all",
          ...(number === 31 && { title: "Certificates of origin", slide: { file: "slides", page: 4 } }),
        }),
      );
      face.store.setState((state) => ({
        pages: new Map([...state.pages, ...removed.map((page) => [page.number, page] as const)]),
      }));
      return onBoard(0, face);
    },
    view: { board: { dialog: { name: "restore", board: "b1" as BoardId } } },
  },
  "board-upload": { state: () => boardOf(0, uploading) },
  "board-empty": {
    state: () => boardOf(0, { pages: new Map(), turn: { page: null, by: "" } }),
    view: { stage: "board" },
  },
  "board-empty-officer": {
    state: () => boardOf(1, { pages: new Map(), turn: { page: null, by: "" } }),
    view: { stage: "board" },
  },
  "board-opening": { state: () => boardOf(1, { you: null, link: "connecting" }), view: { stage: "board" } },
  "board-failed": { state: () => boardOf(1, { you: null, link: "waiting" }), view: { stage: "board" } },
};

export const scenes: Readonly<Record<string, Scene>> = {
  opening: { state: () => initialRoomState },
  join: { state: () => joining() },
  "join-name": {
    state: () =>
      joining({
        phase: { name: "joining", asksName: true, problem: null },
        network: { state: "running" },
        room: null,
      }),
  },
  "join-name-refused": {
    state: () => joining({ phase: { name: "joining", asksName: true, problem: "name_invalid" }, room: null }),
  },
  "join-muted": {
    state: () => {
      const state = joining({ mic: initialRoomState.mic });
      return { ...state, me: { ...state.me, joinsMuted: true } };
    },
  },
  "join-blocked": {
    state: () =>
      joining({
        mic: { on: false, starting: false, problem: "denied", stream: null },
        camera: { on: false, starting: false, problem: "denied", stream: null },
        devices: { mic: list(), camera: list(), speaker: list() },
        network: { state: "done", verdict: "poor", roundTripMs: 640, downlinkKbps: 180 },
      }),
  },
  "join-no-camera": {
    state: () =>
      joining({
        camera: { on: false, starting: false, problem: "missing", stream: null },
        devices: { mic: list("Built-in microphone"), camera: list(), speaker: list("Built-in speakers") },
        network: { state: "done", verdict: "blocked", roundTripMs: 120, downlinkKbps: 3200 },
      }),
  },
  "join-asking": {
    state: () =>
      joining({
        mic: { on: true, starting: true, problem: "none", stream: null },
        camera: { on: true, starting: true, problem: "none", stream: null },
        devices: { mic: list(), camera: list(), speaker: list() },
        network: { state: "running" },
      }),
  },
  connecting: { state: () => ({ ...joining(), phase: { name: "connecting", step: "media" } }) },
  room: { state: classroom },
  "room-tutor": {
    state: () => classroom(0),
    view: { people: true },
  },
  "room-states": { state: () => withPicture(withPicture(classroom(), 4, "paused"), 6, "waiting") },
  "room-many": { state: () => roomOf(crowd(27), 1, { speaking: [idOf(20), idOf(0)] }) },
  "room-screen": { state: screenShare },
  "room-screen-people": { state: screenShare, view: { people: true } },
  "room-speaker": { state: classroom, view: { layout: "speaker" } },
  "room-pinned": { state: classroom, view: { pinned: pictureKey("camera", idOf(4)) } },
  "room-two": { state: () => roomOf([person(0), person(1)], 1) },
  "room-alone": { state: () => roomOf([person(0)], 0), view: { people: true } },
  "room-reconnecting": {
    state: () => ({ ...classroom(), phase: { name: "reconnecting", attempt: 3, reason: "network" } }),
  },
  "room-weak": {
    state: () => {
      const state = classroom();
      const participants = new Map(state.participants).set(idOf(1), person(1, { quality: "poor" }));
      return { ...state, participants };
    },
  },
  "room-listener": {
    state: () => ({
      ...classroom(),
      mic: { on: false, starting: false, problem: "missing", stream: null },
    }),
  },
  "room-sharing": { state: () => ({ ...classroom(), screen: running(null) }) },
  "room-notice": {
    state: () => ({
      ...classroom(),
      mic: initialRoomState.mic,
      notices: [{ id: 1, kind: "muted_by", name: "Marva Jean-Baptiste" }],
    }),
  },
  "room-hand": {
    state: () => {
      const state = classroom();
      const participants = new Map(state.participants).set(idOf(1), person(1, { hand: 9000, mic: false }));
      return { ...state, participants, mic: initialRoomState.mic };
    },
    view: { people: true },
  },
  ...boards,
  keys: { state: classroom, view: { dialog: { name: "keys" } } },
  "confirm-remove": {
    state: () => classroom(0),
    view: { dialog: { name: "remove", participant: idOf(2) } },
  },
  "confirm-leave": {
    state: () => classroom(0),
    view: { dialog: { name: "leave_tutor" } },
  },
  left: { state: () => ({ ...joining(), phase: { name: "left" } }) },
  moved: { state: () => ({ ...joining(), phase: { name: "moved" } }) },
  ended: { state: () => ({ ...joining(), phase: { name: "ended", by: "Marva Jean-Baptiste" } }) },
  removed: { state: () => ({ ...joining(), phase: { name: "removed", by: null } }) },
  ...Object.fromEntries(
    REFUSALS.map((code): [string, Scene] => [
      `refused-${code}`,
      {
        state: () => ({
          ...initialRoomState,
          phase: { name: "refused", code, retryAfterS: code === "rate_limited" ? 12 : null },
        }),
      },
    ]),
  ),
};
