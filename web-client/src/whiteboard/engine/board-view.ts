/** The canvases: a base of tiles, a live layer above it, and the frame loop that paints them when there is something new. */
import type { PictureSource, ViewBox } from "../board-engine.ts";
import { grown } from "../model/geometry.ts";
import type { Box, ShapeId } from "../model/shape.ts";
import { TextSetter } from "../model/text-layout.ts";
import type { PageInfo } from "../page-model.ts";
import { type Draft, NO_DRAFT } from "../tools/tool.ts";
import styles from "./board.module.css";
import { BoardFonts, canvasRuler } from "./board-fonts.ts";
import { Camera, type Size } from "./camera.ts";
import { FrameMeter } from "./frame-meter.ts";
import { LiveOthers } from "./live-others.ts";
import { LivePainter } from "./live-painter.ts";
import { aged } from "./overlay-painter.ts";
import { paintPaper } from "./paper-painter.ts";
import { Pictures } from "./pictures.ts";
import type { Scene } from "./scene.ts";
import { ShapePainter } from "./shape-painter.ts";
import { TileLayer } from "./tile-layer.ts";

/** More pixels than this per CSS pixel cost time and cannot be seen. */
const MOST_DENSITY = 2;
/** A frame's share for painting tiles: little while a tool is at work, as its own painting comes on top. */
const WORK_MS = { idle: 30, moving: 8, busy: 4 } as const;
/** The person counts as at work for so long after the last step. */
const MOVING_MS = 250;
/** Tiles are painted anew when zooming has paused this long. */
const SETTLE_MS = 120;
const GHOST_ALPHA = 0.35;

export interface BoardViewEvents {
  /** Once a frame, before painting; true = call again next frame. */
  onFrame(now: number): boolean;
  onResize(): void;
}

export class BoardView {
  readonly element = document.createElement("div");
  readonly words = document.createElement("div");
  readonly setter = new TextSetter(canvasRuler());
  readonly others = new LiveOthers();
  readonly meter = new FrameMeter();
  readonly #events: BoardViewEvents;
  readonly #base = layer();
  readonly #live = layer();
  readonly #fonts: BoardFonts;
  readonly #pictures: Pictures;
  readonly #painter: ShapePainter;
  readonly #livePainter: LivePainter;
  readonly #tiles: TileLayer;
  readonly #watch: ResizeObserver;
  readonly #off = new AbortController();
  #scene: Scene | null = null;
  #info: PageInfo | null = null;
  #camera = new Camera(0, 0, 1);
  #size: Size = { width: 0, height: 0 };
  #density = 1;
  #draft: Draft = NO_DRAFT;
  #selection: readonly ShapeId[] = [];
  #editing: ShapeId | null = null;
  #frame = 0;
  #frameAt = 0;
  #baseIsOld = true;
  #liveIsOld = true;
  #zoomedAt = 0;
  #movedAt = Number.NEGATIVE_INFINITY;
  #slide: ImageBitmap | null = null;
  #gone = false;

  constructor(container: HTMLElement, source: PictureSource | null, events: BoardViewEvents) {
    this.#events = events;
    this.#fonts = new BoardFonts(() => this.#fontsCame(), this.#off.signal);
    this.#pictures = new Pictures(source, () => this.#repaintAll());
    this.#painter = new ShapePainter({
      setter: this.setter,
      image: (file, width) => this.#pictures.image(file, width),
      text: (text, bold) => this.#fonts.need(text, bold),
    });
    this.#livePainter = new LivePainter(this.setter, this.#painter, this.others);
    this.#tiles = new TileLayer((to, area, scale) => this.#paintPart(to, area, scale));
    this.element.className = styles.board ?? "";
    this.words.className = styles.words ?? "";
    this.element.append(this.#base.canvas, this.#live.canvas, this.words);
    container.append(this.element);
    this.#watch = new ResizeObserver(() => this.#measure());
    this.#watch.observe(this.element);
    this.#measure();
  }

  get camera(): Camera {
    return this.#camera;
  }

  get size(): Size {
    return this.#size;
  }

  get info(): PageInfo | null {
    return this.#info;
  }

  get scene(): Scene | null {
    return this.#scene;
  }

  get draft(): Draft {
    return this.#draft;
  }

  setScene(scene: Scene | null, info: PageInfo | null): void {
    if (info?.slide?.file !== this.#info?.slide?.file || scene !== this.#scene) this.#pictures.clear();
    this.#slide = null;
    this.#scene = scene;
    this.#info = info;
    this.#draft = NO_DRAFT;
    this.others.clear();
    this.#tiles.clear();
    this.#repaintAll();
  }

  /** The same page with other paper or another slide. */
  setInfo(info: PageInfo | null): void {
    this.#info = info;
    this.#repaintAll();
  }

  setCamera(camera: Camera): void {
    const info = this.#info;
    const next = info
      ? camera.keptOn({ x: 0, y: 0, width: info.width, height: info.height }, this.#size)
      : camera;
    if (next.zoom !== this.#camera.zoom) this.#zoomedAt = performance.now();
    this.#movedAt = performance.now();
    this.#camera = next;
    this.#baseIsOld = true;
    this.refresh();
  }

  setSelection(ids: readonly ShapeId[], editing: ShapeId | null): void {
    this.#selection = ids;
    this.#editing = editing;
    this.#hide();
    this.refresh();
  }

  show(change: Partial<Draft>): void {
    this.#draft = { ...this.#draft, ...change };
    this.#movedAt = performance.now();
    if (change.instead) this.#hide();
    this.refresh();
  }

  /** Shapes of the page came, changed or went. */
  changed(ids: readonly ShapeId[]): void {
    const scene = this.#scene;
    if (!scene) return;
    for (const id of ids) {
      const known = scene.get(id);
      const { before, after } = scene.refresh(id);
      this.others.landed(id);
      if (!before && after && known && scene.isTop(id) && known.ghost === undefined && !scene.isHidden(id))
        this.#tiles.paintOnTop(after, (to, scale) => this.#painter.paint(to, known.shape, scale));
      else {
        if (before) this.#tiles.soil(before);
        if (after) this.#tiles.soil(after);
      }
    }
    this.#baseIsOld = true;
    this.refresh();
  }

  /** The same page in a new copy: lines that others draw just now go on. */
  reset(ids: readonly ShapeId[]): void {
    this.#scene?.rebuild();
    for (const id of ids) this.others.landed(id);
    this.#repaintAll();
  }

  /** Others' signs changed: their drags hide what they drag. */
  othersChanged(): void {
    this.#hide();
    this.refresh();
  }

  /** Asks for a frame in which the live layer is painted anew. */
  refresh(): void {
    this.#liveIsOld = true;
    this.#wake();
  }

  viewBox(): ViewBox {
    return this.#camera.view(this.#size);
  }

  /** True when every tile in view is as it should be: what tests wait for. */
  get settled(): boolean {
    return this.#frame === 0;
  }

  destroy(): void {
    this.#gone = true;
    cancelAnimationFrame(this.#frame);
    this.#off.abort();
    this.#watch.disconnect();
    this.#pictures.clear();
    this.element.remove();
  }

  #wake(): void {
    if (this.#frame === 0 && !this.#gone) this.#frame = requestAnimationFrame((now) => this.#tick(now));
  }

  #tick(now: number): void {
    const startedAt = performance.now();
    const since = Math.min(100, now - this.#frameAt);
    this.#frameAt = now;
    this.#frame = 0;
    let again = this.#events.onFrame(now);
    if (this.others.advance(now, since) || this.#laserBurns(now)) {
      this.#liveIsOld = true;
      again = true;
    }
    if (this.#size.width > 0) {
      again = this.#workOnTiles(startedAt) || again;
      if (this.#baseIsOld) this.#paintBase();
      const baseAt = performance.now();
      if (this.#liveIsOld) this.#paintLive(now);
      this.meter.add(now, startedAt, baseAt, performance.now());
    }
    if (again) this.#wake();
  }

  #workOnTiles(startedAt: number): boolean {
    const scale = this.#camera.zoom * this.#density;
    if (scale !== this.#tiles.scale) {
      if (performance.now() - this.#zoomedAt < SETTLE_MS && this.#zoomedAt > 0) return true;
      this.#tiles.rescale(scale);
      this.#baseIsOld = true;
    }
    const busy = this.#draft.ink !== null || this.#draft.instead.size > 0;
    const moving = startedAt - this.#movedAt < MOVING_MS || this.others.any;
    const share = busy ? WORK_MS.busy : moving ? WORK_MS.moving : WORK_MS.idle;
    const { pending, changed } = this.#tiles.work(this.viewBox(), startedAt + share);
    if (changed) this.#baseIsOld = true;
    return pending;
  }

  #paintBase(): void {
    this.#baseIsOld = false;
    const { context } = this.#base;
    const scale = this.#camera.zoom * this.#density;
    const view = this.viewBox();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#base.canvas.width, this.#base.canvas.height);
    if (!this.#info) return;
    const { width, height, slide } = this.#info;
    if (slide) {
      const before = this.#slide;
      this.#slide = this.#pictures.slide(slide.file, slide.page, width * scale);
      if (before !== this.#slide) this.#tiles.soil({ x: 0, y: 0, width, height });
    }
    context.setTransform(scale, 0, 0, scale, -Math.round(view.x * scale), -Math.round(view.y * scale));
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, width, height);
    context.setTransform(1, 0, 0, 1, 0, 0);
    this.#tiles.draw(context, view, scale);
  }

  *#paintPart(to: CanvasRenderingContext2D, area: Box, scale: number): Generator<void, void> {
    const scene = this.#scene;
    if (!scene || !this.#info) return;
    const slide = this.#info.slide;
    this.#slide = slide ? this.#pictures.slide(slide.file, slide.page, this.#info.width * scale) : null;
    paintPaper(to, this.#info, area, this.#slide, scale);
    yield;
    let count = 0;
    for (const { shape, ghost } of scene.visibleNear(area)) {
      if (ghost !== undefined) to.globalAlpha = GHOST_ALPHA;
      this.#painter.paint(to, shape, scale);
      to.globalAlpha = 1;
      count += 1;
      if (count % 8 === 0) yield;
    }
  }

  #paintLive(now: number): void {
    this.#liveIsOld = false;
    const seen = {
      scene: this.#scene,
      camera: this.#camera,
      size: this.#size,
      density: this.#density,
      draft: this.#draft,
      selection: this.#selection,
      editing: this.#editing,
    };
    this.#livePainter.paint(this.#live.context, seen, now);
  }

  #hide(): void {
    if (!this.#scene) return;
    const hidden = [...this.#draft.instead.keys(), ...this.others.dragged()];
    if (this.#editing) hidden.push(this.#editing);
    const places = this.#scene.hide(hidden);
    for (const place of places) this.#tiles.soil(grown(place, 1));
    if (places.length > 0) this.#baseIsOld = true;
  }

  #laserBurns(now: number): boolean {
    if (this.#draft.laser.length === 0) return false;
    const left = aged(this.#draft.laser, now).some(({ age }) => age < 1);
    if (!left) this.#draft = { ...this.#draft, laser: [] };
    return true;
  }

  #fontsCame(): void {
    this.setter.forget(canvasRuler());
    this.#scene?.rebuild();
    this.#repaintAll();
  }

  #repaintAll(): void {
    const info = this.#info;
    const all = this.#scene?.boundsOfAll();
    if (info) this.#tiles.soil({ x: 0, y: 0, width: info.width, height: info.height });
    if (all) this.#tiles.soil(all);
    this.#baseIsOld = true;
    this.refresh();
  }

  #measure(): void {
    const { width, height } = this.element.getBoundingClientRect();
    this.#density = Math.min(MOST_DENSITY, window.devicePixelRatio || 1);
    this.#size = { width, height };
    for (const { canvas } of [this.#base, this.#live]) {
      canvas.width = Math.round(width * this.#density);
      canvas.height = Math.round(height * this.#density);
    }
    this.#baseIsOld = true;
    this.#events.onResize();
    this.refresh();
  }
}

function layer(): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.createElement("canvas");
  canvas.className = styles.layer ?? "";
  canvas.setAttribute("aria-hidden", "true");
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no canvas");
  return { canvas, context };
}
