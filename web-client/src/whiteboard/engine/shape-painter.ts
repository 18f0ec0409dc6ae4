/** Paints one shape on a canvas whose transform is the page's, by whiteboard/layout.json: the server paints the same. */
import layout from "../../../../whiteboard/layout.json";
import stamps from "../../../../whiteboard/stamps.json";
import { traceInk, widthOf } from "../model/ink-outline.ts";
import { colourOf, tinted } from "../model/palette.ts";
import {
  type Box,
  FLAG,
  type Image,
  type Ink,
  type Note,
  type Outline,
  type Shape,
  type Stamp,
  type Text,
  type TurnedBox,
} from "../model/shape.ts";
import type { TextSetter } from "../model/text-layout.ts";
import { cssFont } from "./board-fonts.ts";
import { paintLine } from "./line-painter.ts";
import { type Canvas2d, stroked } from "./stroke-style.ts";

export interface PainterNeeds {
  readonly setter: TextSetter;
  /** Null = not here yet; the picture is asked for, and the place painted again when it comes. */
  image(file: string, widthPx: number): ImageBitmap | null;
  /** A text is about to be painted. */
  text(text: string, bold: boolean): void;
}

/** So many outlines are kept; twice as many live at most. */
const KEPT_PATHS = 4000;
/** Below this width in pixels a stroke's outline cannot be told from a plain line. */
const HAIR_PX = 1.1;

export class ShapePainter {
  readonly #needs: PainterNeeds;
  #young = new Map<Ink, Path2D>();
  #old = new Map<Ink, Path2D>();

  constructor(needs: PainterNeeds) {
    this.#needs = needs;
  }

  /** `scale`: device pixels of one unit. The context's state is as before afterwards. */
  paint(to: Canvas2d, shape: Shape, scale: number): void {
    const alpha = to.globalAlpha;
    // What is not known is told of, however it will look to those who know it.
    if (shape.type !== "unknown") to.globalAlpha = (alpha * shape.style.opacity) / 255;
    switch (shape.type) {
      case "ink":
        this.#ink(to, shape, scale);
        break;
      case "line":
        paintLine(to, shape);
        break;
      case "rectangle":
      case "ellipse":
        turnedBox(to, shape, () => this.#outline(to, shape));
        break;
      case "text":
        this.#text(to, shape, scale);
        break;
      case "note":
        turnedBox(to, shape, () => this.#note(to, shape, scale));
        break;
      case "image":
        turnedBox(to, shape, () => this.#image(to, shape, scale));
        break;
      case "stamp":
        this.#stamp(to, shape);
        break;
      case "unknown":
        if (shape.box)
          crossedBox(to, shape.box, layout.unknown.fill, layout.unknown.line, layout.unknown.line_width);
    }
    to.globalAlpha = alpha;
  }

  #ink(to: Canvas2d, ink: Ink, scale: number): void {
    if (ink.style.stroke === 0) return;
    const colour = colourOf(ink.style.stroke);
    const washed = (ink.flags & FLAG.highlighter) !== 0;
    if (washed) to.globalCompositeOperation = "multiply";
    if (widthOf(ink) * scale < HAIR_PX && ink.points.length > 3) hair(to, ink, colour);
    else {
      to.fillStyle = colour;
      to.fill(this.#path(ink));
    }
    if (washed) to.globalCompositeOperation = "source-over";
  }

  #path(ink: Ink): Path2D {
    let path = this.#young.get(ink) ?? this.#old.get(ink);
    if (!path) {
      path = new Path2D();
      traceInk(path, ink.points, ink.style, ink.flags, true);
    }
    this.#young.set(ink, path);
    if (this.#young.size > KEPT_PATHS) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    return path;
  }

  #outline(to: Canvas2d, shape: Outline): void {
    to.beginPath();
    const { width, height } = shape;
    if (shape.type === "rectangle") to.rect(0, 0, width, height);
    else to.ellipse(width / 2, height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
    if (shape.style.fill !== 0) {
      to.fillStyle = colourOf(shape.style.fill);
      to.fill();
    }
    if (shape.style.stroke === 0 || shape.style.width === 0) return;
    stroked(to, shape);
    to.stroke();
    to.setLineDash([]);
  }

  #text(to: Canvas2d, shape: Text, scale: number): void {
    if (shape.style.stroke === 0) return;
    to.save();
    to.translate(shape.x, shape.y);
    to.rotate((shape.angle * Math.PI) / 180);
    this.#lines(to, shape, shape.width, scale);
    to.restore();
  }

  #note(to: Canvas2d, note: Note, scale: number): void {
    const { padding, tint, default_fill, corner } = layout.note;
    to.fillStyle = tinted(colourOf(note.style.fill || default_fill), tint);
    to.beginPath();
    to.roundRect(0, 0, note.width, note.height, corner);
    to.fill();
    if (note.style.stroke === 0) return;
    const height = note.height - 2 * padding;
    to.beginPath();
    to.rect(padding, padding, note.width - 2 * padding, height);
    to.clip();
    const spare = height - this.#needs.setter.lay(note).height;
    to.translate(padding, padding + (note.flags & FLAG.centred && spare > 0 ? spare / 2 : 0));
    this.#lines(to, note, note.width - 2 * padding, scale);
  }

  #lines(to: Canvas2d, shape: Text | Note, width: number, scale: number): void {
    const bold = (shape.flags & FLAG.bold) !== 0;
    const centred = (shape.flags & FLAG.centred) !== 0;
    this.#needs.text(shape.text, bold);
    const { lines, size } = this.#needs.setter.lay(shape);
    to.fillStyle = colourOf(shape.style.stroke);
    if (size * scale < layout.text.paint_least_pixels) return;
    to.font = cssFont(size, bold);
    to.textBaseline = "alphabetic";
    lines.forEach((line, index) => {
      to.direction = line.rtl ? "rtl" : "ltr";
      to.textAlign = centred ? "center" : line.rtl ? "right" : "left";
      const x = centred ? width / 2 : line.rtl ? width : 0;
      to.fillText(line.text, x, (index * layout.text.line_height + layout.text.baseline) * size);
    });
  }

  #image(to: Canvas2d, image: Image, scale: number): void {
    const picture = this.#needs.image(image.file, image.width * scale);
    if (picture) to.drawImage(picture, 0, 0, image.width, image.height);
    else {
      const { missing_fill, missing_line, missing_line_width } = layout.image;
      crossedBox(to, { ...image, x: 0, y: 0 }, missing_fill, missing_line, missing_line_width);
    }
  }

  #stamp(to: Canvas2d, stamp: Stamp): void {
    if (stamp.style.stroke === 0) return;
    turnedBox(to, { ...stamp, width: stamp.size, height: stamp.size }, () => {
      to.scale(stamp.size / stamps.side, stamp.size / stamps.side);
      to.fillStyle = colourOf(stamp.style.stroke);
      to.fill(stampPath(stamp.kind));
    });
  }
}

/** Stamps of a kind to come are circles. */
export function stampPath(kind: number): Path2D {
  let path = stampPaths.get(kind);
  if (!path) {
    const data =
      stamps.stamps.find((stamp) => stamp.kind === kind) ?? stamps.stamps.find(({ kind: k }) => k === 8);
    path = new Path2D(data?.path);
    stampPaths.set(kind, path);
  }
  return path;
}

const stampPaths = new Map<number, Path2D>();

function turnedBox(to: Canvas2d, box: TurnedBox, paint: () => void): void {
  to.save();
  to.translate(box.x + box.width / 2, box.y + box.height / 2);
  to.rotate((box.angle * Math.PI) / 180);
  to.translate(-box.width / 2, -box.height / 2);
  paint();
  to.restore();
}

function crossedBox(to: Canvas2d, box: Box, fill: string, line: string, width: number): void {
  to.fillStyle = fill;
  to.fillRect(box.x, box.y, box.width, box.height);
  to.strokeStyle = line;
  to.lineWidth = width;
  to.lineCap = "round";
  to.setLineDash([]);
  to.beginPath();
  to.rect(box.x, box.y, box.width, box.height);
  to.moveTo(box.x, box.y);
  to.lineTo(box.x + box.width, box.y + box.height);
  to.moveTo(box.x + box.width, box.y);
  to.lineTo(box.x, box.y + box.height);
  to.stroke();
}

function hair(to: Canvas2d, ink: Ink, colour: string): void {
  const { points } = ink;
  to.strokeStyle = colour;
  to.lineWidth = widthOf(ink);
  to.lineCap = "round";
  to.lineJoin = "round";
  to.setLineDash([]);
  to.beginPath();
  to.moveTo(points[0] ?? 0, points[1] ?? 0);
  for (let index = 3; index < points.length; index += 3)
    to.lineTo(points[index] ?? 0, points[index + 1] ?? 0);
  to.stroke();
}
