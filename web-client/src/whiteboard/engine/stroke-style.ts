/** The pen of a canvas for outlines and lines (whiteboard/layout.json, "stroke"). */
import layout from "../../../../whiteboard/layout.json";
import { colourOf } from "../model/palette.ts";
import { FLAG, type Line, type Outline } from "../model/shape.ts";

export type Canvas2d = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A line by the style: for outlines and, with round ends, for lines. */
export function stroked(to: Canvas2d, shape: Line | Outline): void {
  const width = shape.style.width / 2;
  const { dash_on_widths, dash_off_widths, dash_on_least, dash_off_least } = layout.stroke;
  const dashed = (shape.flags & FLAG.dashed) !== 0;
  to.strokeStyle = colourOf(shape.style.stroke);
  to.lineWidth = width;
  to.lineJoin = "round";
  to.lineCap = dashed ? "butt" : "round";
  to.setLineDash(
    dashed
      ? [Math.max(dash_on_least, width * dash_on_widths), Math.max(dash_off_least, width * dash_off_widths)]
      : [],
  );
}
