/** Renders shapes to a canvas without any chrome: for thumbnails, and to compare with the server's painter. */
import type { PictureSource } from "../board-engine.ts";
import { FLAG } from "../model/shape.ts";
import { decodeShape } from "../model/shape-codec.ts";
import { TextSetter } from "../model/text-layout.ts";
import type { PageInfo } from "../page-model.ts";
import { canvasRuler, loadFonts } from "./board-fonts.ts";
import { paintPaper } from "./paper-painter.ts";
import { ShapePainter } from "./shape-painter.ts";

/** `blobs` from the lowest shape to the highest; bytes that are no shape are left out. Height follows the page's form. */
export async function renderShapes(
  blobs: readonly Uint8Array[],
  info: PageInfo,
  widthPx: number,
  source: PictureSource | null = null,
): Promise<HTMLCanvasElement> {
  const scale = widthPx / info.width;
  const shapes = blobs.flatMap((blob) => decodeShape(blob) ?? []);
  const signal = new AbortController().signal;
  const pictures = new Map<string, ImageBitmap>();
  for (const shape of shapes) {
    if (shape.type === "text" || shape.type === "note")
      await loadFonts(shape.text, (shape.flags & FLAG.bold) !== 0);
    if (shape.type !== "image" || !source || pictures.has(shape.file)) continue;
    const picture = await source.image(shape.file, shape.width * scale, signal).catch(() => null);
    if (picture) pictures.set(shape.file, picture);
  }
  const { slide } = info;
  const under =
    slide && source ? await source.slide(slide.file, slide.page, widthPx, signal).catch(() => null) : null;
  const canvas = document.createElement("canvas");
  canvas.width = widthPx;
  canvas.height = Math.round(info.height * scale);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no canvas");
  const painter = new ShapePainter({
    setter: new TextSetter(canvasRuler()),
    image: (file) => pictures.get(file) ?? null,
    text: () => {},
  });
  context.setTransform(scale, 0, 0, scale, 0, 0);
  paintPaper(context, info, { x: 0, y: 0, width: info.width, height: info.height }, under, scale);
  for (const shape of shapes) painter.paint(context, shape, scale);
  return canvas;
}
