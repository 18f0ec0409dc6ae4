/** Lines with their arrow heads (whiteboard/layout.json, "arrow"). */
import layout from "../../../../whiteboard/layout.json";
import { colourOf } from "../model/palette.ts";
import { FLAG, type Line } from "../model/shape.ts";
import { type Canvas2d, stroked } from "./stroke-style.ts";

export function paintLine(to: Canvas2d, line: Line): void {
  if (line.style.stroke === 0) return;
  const { length_base, length_widths, line_ends_at } = layout.arrow;
  const length = Math.hypot(line.x2 - line.x1, line.y2 - line.y1);
  const atEnd = (line.flags & FLAG.arrowAtEnd) !== 0;
  const atStart = (line.flags & FLAG.arrowAtStart) !== 0;
  const most = atEnd && atStart ? length / 2 : length;
  const head = Math.min(length_base + (length_widths * line.style.width) / 2, most);
  const angle = Math.atan2(line.y2 - line.y1, line.x2 - line.x1);
  to.save();
  to.translate(line.x1, line.y1);
  to.rotate(angle);
  stroked(to, line);
  if (atEnd || atStart) to.lineCap = "butt";
  const from = atStart ? head * line_ends_at : 0;
  const until = atEnd ? length - head * line_ends_at : length;
  to.beginPath();
  to.moveTo(from, 0);
  to.lineTo(until, 0);
  to.stroke();
  if ((atEnd || atStart) && (line.flags & FLAG.dashed) === 0)
    roundEnds(to, line, atStart ? null : 0, atEnd ? null : length);
  to.setLineDash([]);
  to.fillStyle = colourOf(line.style.stroke);
  if (atEnd) paintHead(to, length, length - head);
  if (atStart) paintHead(to, 0, head);
  to.restore();
}

/** The end without a head stays round. */
function roundEnds(to: Canvas2d, line: Line, start: number | null, end: number | null): void {
  to.fillStyle = colourOf(line.style.stroke);
  for (const [x, from] of [
    [start, Math.PI / 2],
    [end, -Math.PI / 2],
  ] as const) {
    if (x === null) continue;
    to.beginPath();
    to.arc(x, 0, line.style.width / 4, from, from + Math.PI);
    to.fill();
  }
}

function paintHead(to: Canvas2d, tip: number, base: number): void {
  const half = Math.abs(tip - base) * layout.arrow.half_width;
  to.beginPath();
  to.moveTo(tip, 0);
  to.lineTo(base, half);
  to.lineTo(base, -half);
  to.closePath();
  to.fill();
}
