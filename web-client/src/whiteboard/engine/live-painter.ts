/** The live layer: what tools are making, what others draw and hold, and the signs above the shapes. */
import { grown } from "../model/geometry.ts";
import { traceInk } from "../model/ink-outline.ts";
import { colourOf } from "../model/palette.ts";
import { type Box, FLAG, type Shape, type ShapeId, type Style, type TurnedBox } from "../model/shape.ts";
import { frameOf } from "../model/shape-bounds.ts";
import { moved } from "../model/shape-edit.ts";
import type { TextSetter } from "../model/text-layout.ts";
import { selectedShapes, selectionFrame, selectionHandles } from "../tools/selection.ts";
import type { Draft } from "../tools/tool.ts";
import type { Camera, Size } from "./camera.ts";
import type { LiveOthers } from "./live-others.ts";
import { aged, type OverlayColours, OverlayPainter } from "./overlay-painter.ts";
import type { Scene } from "./scene.ts";
import type { ShapePainter } from "./shape-painter.ts";

/** The page is light in every theme, and so is what lies on it. */
const COLOURS: OverlayColours = {
  accent: "#0b7a83",
  paper: "#ffffff",
  guide: "#c11574",
  laser: "#e5202b",
  ghost: "#9a5b00",
};

export interface Seen {
  readonly scene: Scene | null;
  readonly camera: Camera;
  readonly size: Size;
  /** Device pixels of a CSS pixel. */
  readonly density: number;
  readonly draft: Draft;
  readonly selection: readonly ShapeId[];
  readonly editing: ShapeId | null;
}

export class LivePainter {
  readonly #setter: TextSetter;
  readonly #painter: ShapePainter;
  readonly #others: LiveOthers;

  constructor(setter: TextSetter, painter: ShapePainter, others: LiveOthers) {
    this.#setter = setter;
    this.#painter = painter;
    this.#others = others;
  }

  paint(context: CanvasRenderingContext2D, seen: Seen, now: number): void {
    const { canvas } = context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const { scene, camera, density, draft } = seen;
    if (!scene) return;
    const scale = camera.zoom * density;
    const view = camera.view(seen.size);
    context.setTransform(scale, 0, 0, scale, -Math.round(view.x * scale), -Math.round(view.y * scale));
    const others = this.#others.shown(now);
    for (const pieces of draft.instead.values())
      for (const shape of pieces) this.#paintInView(context, scene, shape, scale, view);
    for (const { drag } of others) {
      for (const id of drag?.ids ?? []) {
        const known = scene.get(id);
        if (known && drag)
          this.#paintInView(context, scene, moved(known.shape, drag.dx, drag.dy), scale, view);
      }
    }
    for (const { strokes } of others)
      for (const stroke of strokes)
        this.#paintInk(context, stroke.points.slice(0, Math.floor(stroke.shown) * 3), stroke);
    for (const shape of draft.shapes) this.#painter.paint(context, shape, scale);
    if (draft.ink) this.#paintInk(context, draft.ink.points, draft.ink);
    context.setTransform(density, 0, 0, density, 0, 0);
    this.#paintOverlay(context, seen, scene, now);
  }

  #paintOverlay(context: CanvasRenderingContext2D, seen: Seen, scene: Scene, now: number): void {
    const { camera, draft } = seen;
    const overlay = new OverlayPainter(context, camera, COLOURS, seen.size.width);
    const others = this.#others.shown(now);
    for (const { held, who, pointer } of others) {
      for (const id of held) {
        const known = scene.get(id);
        if (!known) continue;
        const frame = frameOf(known.shape, this.#setter);
        overlay.outline(frame, who.colour, [4, 3]);
        const at = camera.toView(frame);
        if (!pointer) overlay.tag(at.x, at.y - 24, who.name, who.colour);
      }
    }
    for (const { shape } of scene.ghosts) overlay.ghost(grownFrame(frameOf(shape, this.#setter)));
    if (draft.instead.size === 0 && seen.editing === null) this.#paintSelection(overlay, seen, scene);
    overlay.guides(draft.guides);
    if (draft.marquee) overlay.marquee(draft.marquee);
    if (draft.lasso.length > 1) overlay.lasso(draft.lasso);
    if (draft.rubber) overlay.rubber(draft.rubber);
    if (draft.laser.length > 0) overlay.trail(aged(draft.laser, now));
    for (const other of others) overlay.other(other);
  }

  #paintSelection(overlay: OverlayPainter, seen: Seen, scene: Scene): void {
    const host = { scene, selection: seen.selection, setter: this.#setter, zoom: seen.camera.zoom };
    const shapes = selectedShapes(host);
    const frame = selectionFrame(host, shapes);
    if (!frame) return;
    const { accent } = COLOURS;
    if (shapes.length > 1 && shapes.length < 60)
      for (const { shape } of shapes) overlay.outline(frameOf(shape, this.#setter), accent);
    overlay.frame(frame, selectionHandles(host));
  }

  #paintInView(to: CanvasRenderingContext2D, scene: Scene, shape: Shape, scale: number, view: Box): void {
    const bounds = scene.boundsOfShape(shape);
    if (bounds.x > view.x + view.width || bounds.x + bounds.width < view.x) return;
    if (bounds.y > view.y + view.height || bounds.y + bounds.height < view.y) return;
    this.#painter.paint(to, shape, scale);
  }

  #paintInk(
    to: CanvasRenderingContext2D,
    points: readonly number[],
    { style, flags }: { readonly style: Style; readonly flags: number },
  ): void {
    if (points.length === 0) return;
    const path = new Path2D();
    traceInk(path, points, style, flags, false);
    to.globalAlpha = style.opacity / 255;
    to.globalCompositeOperation = flags & FLAG.highlighter ? "multiply" : "source-over";
    to.fillStyle = colourOf(style.stroke);
    to.fill(path);
    to.globalCompositeOperation = "source-over";
    to.globalAlpha = 1;
  }
}

/** So that the mark of a ghost does not lie on a stroke's own ends. */
function grownFrame(frame: TurnedBox): TurnedBox {
  return { ...grown(frame, 8), angle: frame.angle };
}
