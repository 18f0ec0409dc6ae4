/** The page in words: every shape in reading order, for a list that a screen reader walks. */
import { grown, middleOf, overlap } from "../model/geometry.ts";
import { colourName } from "../model/palette.ts";
import { type Box, FLAG, type Shape, type ShapeId, type ShapeType, STAMPS } from "../model/shape.ts";
import type { PageShape } from "../page-model.ts";

export interface ShapeEntry {
  readonly id: ShapeId;
  /** Strokes that lie together and are one person's are one drawing; this entry's own id is the first. */
  readonly ids: readonly ShapeId[];
  /** An ink shape with the highlighter flag is a "highlighter", a line with heads an "arrow". */
  readonly type: ShapeType | "highlighter" | "arrow";
  /** A palette name for strokes and outlines; the paper's for notes; empty for images. */
  readonly colour: string;
  /** A name of STAMPS for stamps, else empty. */
  readonly stamp: string;
  /** Text, or the alternative text of an image. */
  readonly text: string;
  readonly author: string;
  readonly mine: boolean;
  readonly editable: boolean;
  /** Why it was refused, for ghosts. */
  readonly ghost: string | null;
  /** Where its middle is on the page, in thirds. */
  readonly column: "left" | "middle" | "right" | "outside";
  readonly row: "top" | "middle" | "bottom" | "outside";
}

/** Strokes further apart than this, in units, are different drawings. */
const TOGETHER = 40;
/** Shapes whose middles differ by less than this share of the page's height stand in one line. */
const LINES = 14;

export interface ListedPage {
  readonly width: number;
  readonly height: number;
  readonly shapes: Iterable<PageShape>;
  readonly bounds: (id: ShapeId) => Box | null;
  readonly editable: (id: ShapeId) => boolean;
}

/** Line by line from the top, each from the left. */
export function listShapes(page: ListedPage): ShapeEntry[] {
  const line = (box: Box) => Math.round((middleOf(box).y / page.height) * LINES);
  return drawings(page)
    .sort((a, b) => line(a.box) - line(b.box) || a.box.x - b.box.x)
    .map(({ first, ids, box }) => entryOf(page, first, ids, box));
}

export function entryFor(page: ListedPage, known: PageShape): ShapeEntry {
  const box = page.bounds(known.id) ?? { x: 0, y: 0, width: 0, height: 0 };
  return entryOf(page, known, [known.id], box);
}

interface Drawing {
  readonly first: PageShape;
  readonly ids: ShapeId[];
  box: Box;
}

/** Joins a stroke to the last drawings of its author only: handwriting comes in order, and this stays linear. */
function drawings(page: ListedPage): Drawing[] {
  const found: Drawing[] = [];
  const recent: Drawing[] = [];
  for (const known of page.shapes) {
    const box = page.bounds(known.id);
    if (!box) continue;
    const near = grown(box, TOGETHER);
    const plain = known.shape.type === "ink" && known.ghost === undefined;
    const home = plain
      ? recent.find(({ first, box: other }) => alike(first, known) && overlap(other, near))
      : undefined;
    if (home) {
      home.ids.push(known.id);
      const right = Math.max(home.box.x + home.box.width, box.x + box.width);
      const bottom = Math.max(home.box.y + home.box.height, box.y + box.height);
      const x = Math.min(home.box.x, box.x);
      const y = Math.min(home.box.y, box.y);
      home.box = { x, y, width: right - x, height: bottom - y };
      continue;
    }
    const drawing = { first: known, ids: [known.id], box };
    found.push(drawing);
    if (plain && recent.unshift(drawing) > 8) recent.pop();
  }
  return found;
}

function alike(a: PageShape, b: PageShape): boolean {
  const same = a.mine === b.mine && a.author === b.author;
  return same && a.shape.flags === b.shape.flags && a.shape.style.stroke === b.shape.style.stroke;
}

function entryOf(page: ListedPage, known: PageShape, ids: readonly ShapeId[], box: Box): ShapeEntry {
  const { shape, id, author, mine, ghost } = known;
  const { x, y } = middleOf(box);
  return {
    id,
    ids,
    type: typeOf(shape),
    colour: colourOf(shape),
    stamp: shape.type === "stamp" ? (STAMPS[shape.kind - 1] ?? "circle") : "",
    text: wordsOf(shape),
    author,
    mine,
    editable: page.editable(id),
    ghost: ghost ?? null,
    column: third(x, page.width, ["left", "middle", "right"]),
    row: third(y, page.height, ["top", "middle", "bottom"]),
  };
}

function third<Word extends string>(at: number, length: number, words: readonly [Word, Word, Word]) {
  if (at < 0 || at > length) return "outside" as const;
  return words[Math.min(2, Math.floor((at / length) * 3))] ?? words[2];
}

function typeOf(shape: Shape): ShapeEntry["type"] {
  if (shape.type === "ink") return shape.flags & FLAG.highlighter ? "highlighter" : "ink";
  if (shape.type !== "line") return shape.type;
  return shape.flags & (FLAG.arrowAtEnd | FLAG.arrowAtStart) ? "arrow" : "line";
}

function colourOf(shape: Shape): string {
  if (shape.type === "image" || shape.type === "unknown") return "";
  return colourName(shape.type === "note" ? shape.style.fill || 5 : shape.style.stroke);
}

function wordsOf(shape: Shape): string {
  if (shape.type === "image") return shape.alternative;
  return shape.type === "text" || shape.type === "note" ? shape.text : "";
}
