/** How large tiles can be: pure arithmetic, in CSS pixels. */

export interface Box {
  readonly width: number;
  readonly height: number;
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly tile: Box;
}

/** Wider than 16:9 shows nothing more of a camera picture; narrower cuts its sides, which only a phone is worth. */
const WIDEST = 16 / 9;
const NARROWEST_LANDSCAPE = 4 / 3;
const NARROWEST_PORTRAIT = 4 / 5;
/** Below this a name and its signs no longer fit. */
const SMALLEST_WIDTH = 140;
const SMALLEST_HEIGHT = 96;

/** The server has nine video slots for each subscriber (docs/protocol.md section 2.1). */
export const MOST_TILES = 9;

/** A little size is worth less than a full last row. */
const CLEARLY_LARGER = 1.04;

/** The arrangement of `count` equal tiles that covers most of the box, with the fewest holes among equals. */
export function gridFor(count: number, box: Box, gap: number): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), tile: { width: 0, height: 0 } };
  const holes = ({ columns, rows }: Grid) => columns * rows - count;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    // A row that only one tile fewer would fill leaves a hole that fewer columns avoid.
    if (columns * (rows - 1) >= count) continue;
    const space = {
      width: (box.width - gap * (columns - 1)) / columns,
      height: (box.height - gap * (rows - 1)) / rows,
    };
    const tile = clampShape(space, box.width >= box.height ? NARROWEST_LANDSCAPE : NARROWEST_PORTRAIT);
    const grid = { columns, rows, tile };
    const larger = area(tile) / (area(best.tile) || Number.EPSILON);
    const fuller =
      holes(grid) < holes(best) ? 1 / CLEARLY_LARGER : holes(grid) > holes(best) ? CLEARLY_LARGER : 1;
    if (larger > fuller) best = grid;
  }
  return best;
}

/** How many tiles of a readable size the box holds. */
export function tilesPerPage(box: Box, gap: number): number {
  for (let count = MOST_TILES; count > 1; count--) {
    const { tile } = gridFor(count, box, gap);
    if (tile.width >= SMALLEST_WIDTH && tile.height >= SMALLEST_HEIGHT) return count;
  }
  return 1;
}

/** The page that exists and is nearest to the one asked for, counted from 0. */
export function clampPage(page: number, count: number, perPage: number): number {
  return Math.max(0, Math.min(page, pageCount(count, perPage) - 1));
}

export function pageCount(count: number, perPage: number): number {
  return Math.max(1, Math.ceil(count / perPage));
}

function clampShape({ width, height }: Box, narrowest: number): Box {
  if (width <= 0 || height <= 0) return { width: 0, height: 0 };
  if (width / height > WIDEST) return { width: height * WIDEST, height };
  if (width / height < narrowest) return { width, height: width / narrowest };
  return { width, height };
}

function area({ width, height }: Box): number {
  return width * height;
}
