/** Shapes that come into being without a pointer: at the middle of the view, or from a stored picture. */
import type { ToolName, ToolStyle } from "../board-engine.ts";
import type { Point } from "../model/geometry.ts";
import { FLAG, type Image, type Shape } from "../model/shape.ts";
import { onGrid } from "../model/shape-codec.ts";
import { newNote, newStamp, newText, TEXT_WIDTH } from "../tools/place-tool.ts";
import { plainStyle } from "../tools/tool.ts";

const BOX = { width: 200, height: 120 } as const;
/** A picture is at most this share of the page. */
const IMAGE_SHARE = 0.6;

/** Null = a tool that makes nothing without a hand, such as the pen. */
export function shapeAt(tool: ToolName, style: ToolStyle, middle: Point, z: string): Shape | null {
  const base = { flags: style.dashed ? FLAG.dashed : 0, style: plainStyle(style), z, durationMs: 0 };
  const x = Math.round(middle.x);
  const y = Math.round(middle.y);
  const half = { width: BOX.width / 2, height: BOX.height / 2 };
  switch (tool) {
    case "text":
      return newText(style, { x: x - TEXT_WIDTH / 2, y: y - style.textSize }, TEXT_WIDTH, z);
    case "note":
      return newNote(style, middle, z);
    case "stamp":
      return newStamp(style, middle, z);
    case "rectangle":
    case "ellipse":
      return { ...base, type: tool, x: x - half.width, y: y - half.height, ...BOX, angle: 0 };
    case "line":
    case "arrow": {
      const flags = base.flags | (tool === "arrow" ? FLAG.arrowAtEnd : 0);
      return { ...base, type: "line", flags, x1: x - half.width, y1: y, x2: x + half.width, y2: y };
    }
    default:
      return null;
  }
}

export interface StoredPicture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly alternative: string;
}

export function imageAt(
  picture: StoredPicture,
  page: { readonly width: number; readonly height: number },
  middle: Point,
  z: string,
): Image {
  const most = Math.min(
    1,
    (page.width * IMAGE_SHARE) / Math.max(1, picture.width),
    (page.height * IMAGE_SHARE) / Math.max(1, picture.height),
  );
  const width = onGrid(Math.max(8, picture.width * most));
  const height = onGrid(Math.max(8, picture.height * most));
  return {
    type: "image",
    flags: 0,
    style: { stroke: 0, fill: 0, width: 0, opacity: 255 },
    z,
    durationMs: 0,
    x: onGrid(middle.x - width / 2),
    y: onGrid(middle.y - height / 2),
    width,
    height,
    angle: 0,
    file: picture.file,
    alternative: picture.alternative,
  };
}
