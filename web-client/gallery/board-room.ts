/** A whiteboard for the gallery's scenes: pages of this tab alone, drawn shapes, a drawn slide. */
import { createStore } from "zustand/vanilla";
import type { PictureSource } from "../src/whiteboard/board-engine.ts";
import { MemoryPage } from "../src/whiteboard/memory-page.ts";
import type { Shape, ShapeId } from "../src/whiteboard/model/shape.ts";
import { encodeShape } from "../src/whiteboard/model/shape-codec.ts";
import type { BoardFace } from "../src/whiteboard/sync/board-face.ts";
import { type BoardState, initialBoardState } from "../src/whiteboard/sync/board-state.ts";
import type {
  Actor,
  ActorId,
  BoardId,
  BoardPermit,
  GroupId,
  JobId,
  Page,
  PageNumber,
  PersonId,
} from "../src/whiteboard/sync/board-vocabulary.ts";
import { idOf, person } from "./class.ts";
import { drawSlide } from "./pictures.ts";

const style = { stroke: 8, fill: 0, width: 8, opacity: 255 };
const base = { flags: 0, style, durationMs: 800 };

export function galleryPage(number: number, change: Partial<Page> = {}): Page {
  return {
    number: number as PageNumber,
    board: "b1" as BoardId,
    epoch: 1,
    title: "",
    position: `a${String.fromCharCode(65 + number)}`,
    width: 1600,
    height: 900,
    paper: "blank",
    slide: number === 1 ? { file: "slides", page: 1 } : null,
    mode: "own",
    rules: [],
    right: "all",
    copy_of: null,
    owner: null,
    shown: false,
    handed_out: false,
    removed: false,
    shapes: 4,
    ...change,
  };
}

export function galleryBoard(me: number, change: Partial<BoardState> = {}): BoardFace {
  const tutor = me === 0;
  const right = tutor ? "all" : "own";
  const pages = [1, 2, 3, 4, 5].map((number) =>
    galleryPage(number, { right, ...(number === 3 && { paper: "grid", mode: "locked" }) }),
  );
  const store = createStore<BoardState>(() => ({
    ...initialBoardState,
    link: "open",
    you: {
      actor: me as ActorId,
      person: personOf(me),
      role: tutor ? "tutor" : "officer",
      may: new Set<BoardPermit>(tutor ? ["board_write", "board_manage", "board_point"] : ["board_write"]),
    },
    boards: new Map([
      ["b1" as BoardId, { id: "b1" as BoardId, title: "Rules of origin, class 3", position: "a" }],
      ["b2" as BoardId, { id: "b2" as BoardId, title: "Exercises", position: "b" }],
    ]),
    pages: new Map(pages.map((page) => [page.number, page])),
    people: new Map(Array.from({ length: 8 }, (_unused, index) => [index as ActorId, actorOf(index)])),
    statuses: new Map(pages.map((page) => [page.number, "live" as const])),
    turn: { page: 1 as PageNumber, by: "Marva Jean-Baptiste" },
    ...change,
  }));
  const models = new Map<PageNumber, MemoryPage>();
  const modelOf = (number: PageNumber) => {
    let model = models.get(number);
    if (!model) {
      const page = store.getState().pages.get(number);
      model = new MemoryPage(page?.right ?? "all", "Marva Jean-Baptiste", `page${number}-`);
      model.setRight("all");
      draw(model, number);
      model.setRight(page?.right ?? "all");
      models.set(number, model);
    }
    return model;
  };
  return {
    store,
    pictures,
    hold: (number) => ({ model: modelOf(number), release: () => {} }),
    ask: async () => ({ ok: false, code: "offline" }),
    sendLive: () => {},
    onLive: (_number, listener) => {
      const timer = setTimeout(() => listener.live(actorOf(2), { kind: "pointer", x: 1180, y: 520 }), 300);
      return () => clearTimeout(timer);
    },
    addSlides: () => {},
    cancelUpload: (id) =>
      store.setState((state) => ({ uploads: state.uploads.filter((upload) => upload.id !== id) })),
    storeImage: async () => null,
    exportPage: async () => null,
    exportBoard: async () => null,
    saveBoard: async () => null,
    offerGhost: (id) =>
      store.setState((state) => ({ ghosts: state.ghosts.filter((ghost) => ghost.id !== id) })),
    dropGhost: (id) =>
      store.setState((state) => ({ ghosts: state.ghosts.filter((ghost) => ghost.id !== id) })),
    linkIsGood: () => false,
    retry: () => store.setState({ link: "open" }),
  };
}

/** Everyone has a copy of page 2, on which each is as far as he is. */
export function withCopies(me: number): BoardFace {
  const face = galleryBoard(me);
  face.store.setState((state) => {
    const pages = new Map(state.pages);
    const origin = pages.get(2 as PageNumber);
    if (origin) pages.set(origin.number, { ...origin, handed_out: true });
    for (let officer = 1; officer < 8; officer++) {
      const number = (20 + officer) as PageNumber;
      const copy = galleryPage(number, {
        copy_of: 2 as PageNumber,
        owner: personOf(officer),
        shown: officer === 3,
      });
      pages.set(number, { ...copy, slide: null });
    }
    return { pages, turn: { ...state.turn, page: 2 as PageNumber } };
  });
  return face;
}

export const ghosts: BoardState["ghosts"] = [
  ghost("g1", "locked", 3),
  ghost("g2", "not_owner", 1),
  ghost("g3", "too_big", 1),
];

export const uploading: Partial<BoardState> = {
  uploads: [
    { id: "u1", name: "Kyoto Convention, annex K.pdf", sent: 0.42, job: null, problem: null },
    { id: "u2", name: "Tariff classification.pptx", sent: 1, job: "j" as JobId, problem: null },
    { id: "u3", name: "notes.zip", sent: 1, job: null, problem: "type_not_allowed" },
  ],
  jobs: new Map([
    ["j" as JobId, { job: "j" as JobId, state: "running", done: 12, total: 48, code: null, board: null }],
  ]),
};

export const ruled: Partial<Page> = {
  rules: [
    { subject: "role:officer", mode: "locked" },
    { subject: `person:${personOf(2)}`, mode: "shared" },
  ],
};

export const groups: BoardState["groups"] = [
  { id: "g" as GroupId, name: "Port of Spain", persons: [personOf(1), personOf(2)] },
];

function ghost(id: string, code: BoardState["ghosts"][number]["code"], count: number) {
  const changes = Array.from({ length: count }, (_unused, index) => ({
    shape: `${id}-shape-${index}` as ShapeId,
    value: null,
    made: false,
  }));
  return { id, page: 1 as PageNumber, code, at: 0, changes };
}

function personOf(index: number): PersonId {
  return `person-${index}` as PersonId;
}

function actorOf(index: number): Actor {
  const { name, role } = person(index);
  return { actor: index as ActorId, person: personOf(index), participant: idOf(index), name, role };
}

function draw(model: MemoryPage, number: number): void {
  const shapes: Shape[] = number > 20 ? copyShapes(number) : number === 1 ? slideShapes() : ownShapes();
  const changes = shapes.flatMap((shape) => {
    const blob = encodeShape(shape);
    return blob ? [{ id: model.newId(), blob }] : [];
  });
  model.apply(changes, "draw");
}

function slideShapes(): Shape[] {
  return [
    wave(
      { ...base, flags: 1, style: { stroke: 5, fill: 0, width: 60, opacity: 128 }, z: "B" },
      220,
      382,
      480,
      2,
    ),
    {
      ...base,
      type: "ellipse",
      style: { ...style, stroke: 3 },
      z: "C",
      x: 190,
      y: 545,
      width: 560,
      height: 116,
      angle: 0,
    },
    {
      ...base,
      type: "line",
      flags: 1,
      style: { ...style, stroke: 3 },
      z: "D",
      x1: 1050,
      y1: 470,
      x2: 775,
      y2: 585,
    },
    {
      ...base,
      type: "note",
      style: { stroke: 1, fill: 5, width: 4, opacity: 255 },
      z: "E",
      x: 1060,
      y: 300,
      width: 330,
      height: 210,
      angle: 0,
      size: 36,
      text: "Is a fish from the high seas wholly obtained? Who owns the vessel?",
    },
    {
      ...base,
      type: "stamp",
      style: { ...style, stroke: 6 },
      z: "F",
      x: 1440,
      y: 700,
      size: 90,
      angle: 0,
      kind: 1,
    },
    wave({ ...base, style: { ...style, stroke: 8, width: 10 }, z: "G" }, 260, 800, 700, 16),
  ];
}

function ownShapes(): Shape[] {
  return [
    {
      ...base,
      type: "text",
      style: { stroke: 1, fill: 0, width: 4, opacity: 255 },
      z: "B",
      x: 120,
      y: 100,
      width: 900,
      angle: 0,
      size: 56,
      text: "What is the country of origin?",
    },
    { ...base, type: "rectangle", z: "C", x: 140, y: 260, width: 420, height: 240, angle: 0 },
    { ...base, type: "line", flags: 1, z: "D", x1: 570, y1: 380, x2: 840, y2: 380 },
    {
      ...base,
      type: "ellipse",
      style: { ...style, stroke: 7 },
      z: "E",
      x: 850,
      y: 260,
      width: 420,
      height: 240,
      angle: 0,
    },
    wave({ ...base, style: { ...style, stroke: 9 }, z: "F" }, 180, 660, 1000, 30),
  ];
}

function copyShapes(number: number): Shape[] {
  return ownShapes().slice(0, (number % 4) + 2);
}

function wave(
  parts: typeof base & { z: string },
  x: number,
  y: number,
  length: number,
  height: number,
): Shape {
  const points: number[] = [];
  for (let step = 0; step <= length; step += 12)
    points.push(
      x + step,
      y + Math.sin(step / 34) * height * (0.7 + 0.3 * Math.cos(step / 90)),
      128 + Math.sin(step / 40) * 60,
    );
  return { ...parts, type: "ink", points: Float32Array.from(points) };
}

const pictures: PictureSource = {
  slide: async (_file, _page, width) => {
    const canvas = new OffscreenCanvas(1280, 720);
    const context = canvas.getContext("2d");
    if (context) drawSlide(context);
    return createImageBitmap(canvas, { resizeWidth: width, resizeHeight: Math.round((width * 9) / 16) });
  },
  image: async () => {
    throw new DOMException("the gallery has no images", "NotFoundError");
  },
};
