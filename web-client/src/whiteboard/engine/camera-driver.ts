/** Moves the camera: by hand, to fit, or after the presenter; glides unless motion is to be reduced. */
import type { ViewBox } from "../board-engine.ts";
import { holdsBox } from "../model/geometry.ts";
import type { Box } from "../model/shape.ts";
import type { BoardView } from "./board-view.ts";
import { Camera, fitted } from "./camera.ts";

const GLIDE_MS = 160;
/** Air around what is brought into view, CSS pixels. */
const AIR_PX = 48;

export class CameraDriver {
  /** Reduced motion. */
  still = false;
  readonly #view: BoardView;
  readonly #onMoved: () => void;
  #fitted = true;
  #leader: number | null = null;
  #looksAway = false;
  #lastView: ViewBox | null = null;
  #glide: { from: Camera; to: Camera; at: number } | null = null;

  constructor(view: BoardView, onMoved: () => void) {
    this.#view = view;
    this.#onMoved = onMoved;
  }

  get fitted(): boolean {
    return this.#fitted;
  }

  get following(): boolean {
    return this.#leader !== null && !this.#looksAway;
  }

  /** Null = nobody. Following again takes the last view that came. */
  follow(actor: number | null): void {
    if (actor !== this.#leader) this.#lastView = null;
    this.#leader = actor;
    this.#looksAway = false;
    if (this.#lastView) this.#glideTo(fitted(this.#lastView, this.#view.size, 0));
  }

  othersView(actor: number, view: ViewBox): void {
    if (actor !== this.#leader) return;
    this.#lastView = view;
    if (this.#looksAway || view.width <= 0 || view.height <= 0) return;
    this.#fitted = false;
    this.#glideTo(fitted(view, this.#view.size, 0));
  }

  /** The person moved the view: it is free until following is asked for again. */
  lookedAround(): void {
    this.#looksAway = true;
    this.#fitted = false;
    this.#glide = null;
    this.#onMoved();
  }

  pageTurned(): void {
    this.#glide = null;
    this.#lastView = null;
    this.#fitNow();
  }

  resized(): void {
    if (this.#fitted) this.#fitNow();
    else if (this.following && this.#lastView) this.#set(fitted(this.#lastView, this.#view.size, 0));
    else this.#set(this.#view.camera);
  }

  fit(): void {
    this.#looksAway = true;
    this.#fitted = true;
    this.#glideTo(fitted(this.#pageBox(), this.#view.size));
  }

  fitTo(box: Box): void {
    this.#looksAway = true;
    this.#fitted = false;
    this.#glideTo(fitted(box, this.#view.size, AIR_PX));
  }

  zoomBy(factor: number): void {
    const { width, height } = this.#view.size;
    const from = this.#glide?.to ?? this.#view.camera;
    this.#looksAway = true;
    this.#fitted = false;
    this.#glideTo(from.zoomedAt(width / 2, height / 2, from.zoom * factor));
  }

  pan(dxPx: number, dyPx: number): void {
    this.#looksAway = true;
    this.#fitted = false;
    this.#glideTo((this.#glide?.to ?? this.#view.camera).pannedBy(dxPx, dyPx));
  }

  bringIntoView(box: Box): void {
    const { camera, size } = this.#view;
    if (holdsBox(camera.view(size), box)) return;
    this.#looksAway = true;
    this.#fitted = false;
    const close = fitted(box, size, AIR_PX);
    const zoom = Math.min(camera.zoom, close.zoom);
    const x = box.x + box.width / 2 - size.width / zoom / 2;
    const y = box.y + box.height / 2 - size.height / zoom / 2;
    this.#glideTo(new Camera(x, y, zoom));
  }

  /** True = still gliding. */
  advance(now: number): boolean {
    const glide = this.#glide;
    if (!glide) return false;
    const share = Math.min(1, Math.max(0, (now - glide.at) / GLIDE_MS));
    const eased = 1 - (1 - share) ** 3;
    const between = (from: number, to: number) => from + (to - from) * eased;
    const { from, to } = glide;
    const zoom = from.zoom * (to.zoom / from.zoom) ** eased;
    if (share >= 1) this.#glide = null;
    this.#set(share >= 1 ? to : new Camera(between(from.x, to.x), between(from.y, to.y), zoom));
    return this.#glide !== null;
  }

  #pageBox(): Box {
    const info = this.#view.info;
    return { x: 0, y: 0, width: info?.width ?? 1600, height: info?.height ?? 900 };
  }

  #fitNow(): void {
    this.#fitted = true;
    this.#glide = null;
    if (this.#view.size.width > 0) this.#set(fitted(this.#pageBox(), this.#view.size));
  }

  #glideTo(to: Camera): void {
    if (this.still) {
      this.#set(to);
      return;
    }
    this.#glide = { from: this.#view.camera, to, at: performance.now() };
    this.#view.refresh();
  }

  #set(camera: Camera): void {
    this.#view.setCamera(camera);
    this.#onMoved();
  }
}
