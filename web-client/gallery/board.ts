/** The board's engine alone, on a page in memory: `?scene=ink-lesson`. Its hooks serve the browser tests and the frame probe. */

import { CanvasBoard, renderShapes } from "../src/whiteboard/create-board-engine.ts";
import type { MemoryPage } from "../src/whiteboard/memory-page.ts";
import type { ShapeId } from "../src/whiteboard/model/shape.ts";
import type { LiveMessage, PageInfo } from "../src/whiteboard/page-model.ts";
import { hand, lesson, manyStrokes, pageOf, scripts } from "./board-shapes.ts";

interface BoardScene {
  readonly page: () => MemoryPage;
  readonly info?: Partial<PageInfo>;
  readonly after?: (board: CanvasBoard, page: MemoryPage) => void;
}

const plainInfo: PageInfo = { number: 1, width: 1600, height: 900, paper: "blank", slide: null };

export const inkScenes: Readonly<Record<string, BoardScene>> = {
  "ink-lesson": { page: () => pageOf(lesson), after: others },
  "ink-grid": { page: () => pageOf(lesson.slice(0, 12)), info: { paper: "grid" }, after: selectSome },
  "ink-ruled": { page: () => pageOf(scripts), info: { paper: "ruled" } },
  "ink-scripts": { page: () => pageOf(scripts), info: { paper: "dots" } },
  "ink-slide": { page: () => pageOf(lesson.slice(12)), info: { slide: { file: "slide", page: 1 } } },
  "ink-one": {
    page: () => pageOf(lesson),
    after: (board, page) => {
      board.setTool("select");
      board.select(page.order.slice(10, 11));
    },
  },
  "ink-note": {
    page: () => pageOf(lesson),
    after: (board, page) => board.edit(page.order[10] as ShapeId),
  },
  "ink-own": { page: () => pageOf(lesson, "own"), after: selectSome },
  "ink-locked": { page: () => pageOf(lesson, "none") },
  "ink-empty": { page: () => pageOf([]) },
  "ink-many": { page: () => manyStrokes(20_000) },
};

export function showBoard(name: string, into: HTMLElement): void {
  const scene = inkScenes[name];
  if (!scene) return;
  const title = document.createElement("h1");
  title.textContent = name;
  title.style.cssText = "position: absolute; opacity: 0";
  const stage = document.createElement("main");
  stage.style.cssText = "position: fixed; inset: 0";
  stage.append(title);
  into.append(stage);
  const heard: unknown[] = [];
  const board = new CanvasBoard(
    stage,
    {
      onState: () => {},
      onLive: (message) => heard.push(["live", message]),
      onRefused: (why, who) => heard.push(["refused", why, who]),
      onAnnounce: (what) => heard.push(["announce", what]),
      onFiles: (files, x, y) => heard.push(["files", files.length, x, y]),
      onLeave: () => heard.push(["leave"]),
    },
    { slide: (_file, _page, width) => drawnSlide(width), image: () => Promise.reject(new Error("none")) },
    { board: "Whiteboard", text: "Text" },
  );
  const page = scene.page();
  board.setPage(page, { ...plainInfo, ...scene.info });
  scene.after?.(board, page);
  Object.assign(window, { board, page, heard, renderShapes: renderHex });
}

/** For picture comparison: shapes as hex, the PNG's address back. */
async function renderHex(shapes: readonly string[], info: Partial<PageInfo>, width: number): Promise<string> {
  const bytes = shapes.map((hex) =>
    Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  );
  const canvas = await renderShapes(bytes, { ...plainInfo, ...info }, width);
  return canvas.toDataURL("image/png");
}

function selectSome(board: CanvasBoard): void {
  board.selectAll();
}

/** Three people at work: one draws, one points with the laser, one edits a note. */
function others(board: CanvasBoard, page: MemoryPage): void {
  const people = [
    { actor: 2, name: "Andre Campbell", colour: "oklch(48% 0.12 264)" },
    { actor: 3, name: "Sofía Hernández de la Cruz", colour: "oklch(48% 0.12 24)" },
    { actor: 4, name: "Joost van den Berg", colour: "oklch(48% 0.12 144)" },
  ] as const;
  const points = hand([
    [820, 560],
    [900, 640],
    [1000, 600],
    [1080, 660],
  ]);
  const steps: number[] = [];
  for (let index = 0; index < points.length; index += 3) {
    const [x = 0, y = 0, pressure = 0] = points.subarray(index, index + 3);
    const [x0 = 0, y0 = 0] = index === 0 ? [0, 0] : points.subarray(index - 3, index - 1);
    steps.push(x - x0, y - y0, pressure);
  }
  const style = { stroke: 8, fill: 0, width: 8, opacity: 255 };
  const live: [number, LiveMessage][] = [
    [0, { kind: "ink", id: "livestroke01" as ShapeId, index: 0, style, flags: 2, points: steps }],
    [1, { kind: "held", ids: page.order.slice(11, 12) }],
    [1, { kind: "pointer", x: 1420, y: 400 }],
  ];
  for (const [who, message] of live) {
    const from = people[who];
    if (from) board.showLive(from, message);
  }
  let turn = 0;
  const timer = setInterval(() => {
    turn += 0.25;
    const from = people[2];
    const x = 500 + Math.cos(turn) * 70;
    const y = 480 + Math.sin(turn) * 40;
    if (from) board.showLive(from, { kind: "laser", x, y });
    if (turn > 2000) clearInterval(timer);
  }, 50);
}

async function drawnSlide(width: number): Promise<ImageBitmap> {
  const canvas = new OffscreenCanvas(width, (width * 9) / 16);
  const to = canvas.getContext("2d");
  if (!to) throw new Error("no canvas");
  to.scale(width / 1600, width / 1600);
  to.fillStyle = "#fdfdfb";
  to.fillRect(0, 0, 1600, 900);
  to.fillStyle = "#0b6b70";
  to.fillRect(0, 0, 22, 900);
  to.fillStyle = "#16313a";
  to.font = "700 64px system-ui, sans-serif";
  to.fillText("Wholly obtained products", 110, 150);
  to.font = "400 34px system-ui, sans-serif";
  ["Minerals taken from the soil", "Plants harvested there", "Fish caught by its vessels"].forEach(
    (row, index) => {
      to.fillText(`${index + 1}.  ${row}`, 130, 260 + index * 70);
    },
  );
  return createImageBitmap(canvas);
}
