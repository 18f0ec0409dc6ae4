/** The committed shapes as bitmaps: tiles that are painted in slices of a few milliseconds and reused until their shapes change. */
import { overlap, unionOf } from "../model/geometry.ts";
import type { Box } from "../model/shape.ts";

export const TILE_PX = 512;
/** About a megabyte each; a view of 4K needs fifty. */
const MOST_TILES = 96;

/** Paints a part of the page, bit by bit: each step paints some shapes. The transform is the page's. */
export type PartPainter = (to: CanvasRenderingContext2D, area: Box, scale: number) => Iterator<void>;

interface Tile {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  readonly column: number;
  readonly row: number;
  /** In page units; what has to be painted again. Null = all is well. */
  dirty: Box | null;
  fresh: boolean;
  usedAt: number;
}

interface Job {
  readonly tile: Tile;
  readonly area: Box;
  readonly steps: Iterator<void>;
}

export class TileLayer {
  readonly #paint: PartPainter;
  readonly #scratch = newCanvas();
  #tiles = new Map<string, Tile>();
  #scale = 1;
  #before: { tiles: Map<string, Tile>; scale: number } | null = null;
  #job: Job | null = null;
  #clock = 0;

  constructor(paint: PartPainter) {
    this.#paint = paint;
  }

  /** Device pixels of one unit at which tiles are painted. */
  get scale(): number {
    return this.#scale;
  }

  /** The tiles of the scale before stay in view, stretched, until their successors are there. */
  rescale(scale: number): void {
    if (scale === this.#scale) return;
    if ([...this.#tiles.values()].some((tile) => tile.fresh))
      this.#before = { tiles: this.#tiles, scale: this.#scale };
    this.#tiles = new Map();
    this.#scale = scale;
    this.#job = null;
  }

  /** Another page: nothing of what was painted is of use. */
  clear(): void {
    this.#tiles = new Map();
    this.#before = null;
    this.#job = null;
  }

  soil(area: Box): void {
    for (const tile of this.#tiles.values()) {
      if (!overlap(this.#areaOf(tile), area)) continue;
      tile.dirty = unionOf(tile.dirty ? [tile.dirty, area] : [area]);
      if (this.#job?.tile === tile) this.#restart();
    }
  }

  /** Paints at once on top of what is there; tiles that are not up to date are soiled instead. */
  paintOnTop(area: Box, paint: (to: CanvasRenderingContext2D, scale: number) => void): void {
    for (const tile of this.#tiles.values()) {
      if (!overlap(this.#areaOf(tile), area)) continue;
      if (!tile.fresh || tile.dirty) {
        tile.dirty = unionOf(tile.dirty ? [tile.dirty, area] : [area]);
        if (this.#job?.tile === tile) this.#restart();
        continue;
      }
      this.#toPage(tile.context, tile);
      paint(tile.context, this.#scale);
    }
  }

  /** Puts what there is of `view` (page units) on a canvas of device pixels; `left`, `top` = the view's corner. */
  draw(to: CanvasRenderingContext2D, view: Box, scale: number): void {
    this.#clock += 1;
    const exact = scale === this.#scale;
    const originX = Math.round(view.x * scale);
    const originY = Math.round(view.y * scale);
    const wanted = this.#within(view);
    const missing = wanted.some(({ column, row }) => !this.#tiles.get(`${column}:${row}`)?.fresh);
    if (this.#before && missing) this.#stretch(to, this.#before.tiles, this.#before.scale, view, scale);
    else if (!missing) this.#before = null;
    if (!exact) {
      this.#stretch(to, this.#tiles, this.#scale, view, scale);
      return;
    }
    for (const { column, row } of wanted) {
      const tile = this.#tile(column, row);
      tile.usedAt = this.#clock;
      if (!tile.fresh) continue;
      const x = column * TILE_PX - originX;
      const y = row * TILE_PX - originY;
      to.clearRect(x, y, TILE_PX, TILE_PX);
      to.drawImage(tile.canvas, x, y);
    }
    this.#evict();
  }

  /** Paints until `until` (performance.now()); true = some of `view` is still to be painted. Changed = something new to draw. */
  work(view: Box, until: number): { pending: boolean; changed: boolean } {
    let changed = false;
    while (true) {
      this.#job ??= this.#next(view);
      const job = this.#job;
      if (!job) return { pending: false, changed };
      for (;;) {
        if (job.steps.next().done) {
          this.#finish(job);
          changed = true;
          break;
        }
        if (performance.now() >= until) return { pending: true, changed };
      }
      if (performance.now() >= until) return { pending: this.#next(view) !== null, changed };
    }
  }

  #next(view: Box): Job | null {
    let best: Tile | null = null;
    for (const { column, row } of this.#within(view)) {
      const tile = this.#tile(column, row);
      // Repairs first: they are small, and something just moved there.
      if (tile.fresh && tile.dirty) {
        best = tile;
        break;
      }
      if (!tile.fresh) best ??= tile;
    }
    if (!best) return null;
    const whole = this.#areaOf(best);
    const area = best.fresh && best.dirty ? clipped(best.dirty, whole, this.#scale) : whole;
    const to = this.#scratch.context;
    to.setTransform(1, 0, 0, 1, 0, 0);
    to.clearRect(0, 0, TILE_PX, TILE_PX);
    this.#toPage(to, best);
    return { tile: best, area, steps: this.#paint(to, area, this.#scale) };
  }

  #finish(job: Job): void {
    const { tile, area } = job;
    const x = Math.round(area.x * this.#scale) - tile.column * TILE_PX;
    const y = Math.round(area.y * this.#scale) - tile.row * TILE_PX;
    const width = Math.round(area.width * this.#scale);
    const height = Math.round(area.height * this.#scale);
    tile.context.setTransform(1, 0, 0, 1, 0, 0);
    tile.context.clearRect(x, y, width, height);
    tile.context.drawImage(this.#scratch.canvas, x, y, width, height, x, y, width, height);
    tile.fresh = true;
    tile.dirty = null;
    this.#job = null;
  }

  #restart(): void {
    this.#job = null;
  }

  #stretch(
    to: CanvasRenderingContext2D,
    tiles: Map<string, Tile>,
    from: number,
    view: Box,
    scale: number,
  ): void {
    const ratio = scale / from;
    for (const tile of tiles.values()) {
      if (!tile.fresh || !overlap(areaAt(tile, from), view)) continue;
      const x = Math.round(tile.column * TILE_PX * ratio - view.x * scale);
      const y = Math.round(tile.row * TILE_PX * ratio - view.y * scale);
      const right = Math.round((tile.column + 1) * TILE_PX * ratio - view.x * scale);
      const bottom = Math.round((tile.row + 1) * TILE_PX * ratio - view.y * scale);
      to.clearRect(x, y, right - x, bottom - y);
      to.drawImage(tile.canvas, x, y, right - x, bottom - y);
    }
  }

  #within(view: Box): { column: number; row: number }[] {
    const step = TILE_PX / this.#scale;
    const found: { column: number; row: number }[] = [];
    const right = Math.floor((view.x + view.width) / step);
    const bottom = Math.floor((view.y + view.height) / step);
    for (let row = Math.floor(view.y / step); row <= bottom; row++)
      for (let column = Math.floor(view.x / step); column <= right; column++) found.push({ column, row });
    return found;
  }

  #tile(column: number, row: number): Tile {
    const key = `${column}:${row}`;
    let tile = this.#tiles.get(key);
    if (!tile) {
      tile = { ...newCanvas(), column, row, dirty: null, fresh: false, usedAt: this.#clock };
      this.#tiles.set(key, tile);
    }
    return tile;
  }

  #areaOf(tile: Tile): Box {
    return areaAt(tile, this.#scale);
  }

  #toPage(context: CanvasRenderingContext2D, tile: Tile): void {
    const scale = this.#scale;
    context.setTransform(scale, 0, 0, scale, -tile.column * TILE_PX, -tile.row * TILE_PX);
  }

  #evict(): void {
    if (this.#tiles.size <= MOST_TILES) return;
    const oldest = [...this.#tiles].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [key, tile] of oldest.slice(0, this.#tiles.size - MOST_TILES)) {
      if (tile.usedAt !== this.#clock && this.#job?.tile !== tile) this.#tiles.delete(key);
    }
  }
}

function areaAt(tile: { column: number; row: number }, scale: number): Box {
  const step = TILE_PX / scale;
  return { x: tile.column * step, y: tile.row * step, width: step, height: step };
}

/** On whole pixels and within the tile, so that the repaired part meets the rest without a seam. */
function clipped(area: Box, within: Box, scale: number): Box {
  const left = Math.max(Math.floor(area.x * scale) - 1, Math.round(within.x * scale));
  const top = Math.max(Math.floor(area.y * scale) - 1, Math.round(within.y * scale));
  const right = Math.min(
    Math.ceil((area.x + area.width) * scale) + 1,
    Math.round((within.x + within.width) * scale),
  );
  const bottom = Math.min(
    Math.ceil((area.y + area.height) * scale) + 1,
    Math.round((within.y + within.height) * scale),
  );
  return { x: left / scale, y: top / scale, width: (right - left) / scale, height: (bottom - top) / scale };
}

function newCanvas(): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.createElement("canvas");
  canvas.width = TILE_PX;
  canvas.height = TILE_PX;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no canvas");
  return { canvas, context };
}
