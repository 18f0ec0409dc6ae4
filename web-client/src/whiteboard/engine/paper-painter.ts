/** What lies under the shapes: paper, its lines, and the slide (whiteboard/layout.json, "paper"). */
import layout from "../../../../whiteboard/layout.json";
import type { Box } from "../model/shape.ts";
import type { PageInfo } from "../page-model.ts";
import type { Canvas2d } from "./stroke-style.ts";

/** Lines closer than this in pixels would be a grey veil. */
const CLOSEST_PX = 5;

/** Paints the part of the paper that lies in `area`; the transform is the page's. A slide hides the paper's lines. */
export function paintPaper(
  to: Canvas2d,
  info: PageInfo,
  area: Box,
  slide: ImageBitmap | null,
  scale: number,
): void {
  to.fillStyle = layout.paper.colour;
  to.fillRect(0, 0, info.width, info.height);
  if (slide) {
    to.imageSmoothingQuality = "high";
    to.drawImage(slide, 0, 0, info.width, info.height);
  }
  if (info.paper !== "blank" && !info.slide) paintLines(to, info, area, scale);
}

function paintLines(to: Canvas2d, info: PageInfo, area: Box, scale: number): void {
  const { line_colour, line_width, grid_spacing, ruled_spacing, ruled_first, dots_spacing, dot_radius } =
    layout.paper;
  const right = Math.min(info.width, area.x + area.width);
  const bottom = Math.min(info.height, area.y + area.height);
  const left = Math.max(0, area.x);
  const top = Math.max(0, area.y);
  if (left >= right || top >= bottom) return;
  to.strokeStyle = line_colour;
  to.fillStyle = line_colour;
  to.lineWidth = line_width;
  to.lineCap = "butt";
  to.setLineDash([]);
  to.beginPath();
  if (info.paper === "ruled" && ruled_spacing * scale >= CLOSEST_PX) {
    for (let y = ruled_first; y < info.height; y += ruled_spacing) {
      if (y + line_width < top || y - line_width > bottom) continue;
      to.moveTo(left, y);
      to.lineTo(right, y);
    }
  }
  if (info.paper === "grid" && grid_spacing * scale >= CLOSEST_PX) {
    for (const x of multiples(grid_spacing, left, right, info.width)) {
      to.moveTo(x, top);
      to.lineTo(x, bottom);
    }
    for (const y of multiples(grid_spacing, top, bottom, info.height)) {
      to.moveTo(left, y);
      to.lineTo(right, y);
    }
  }
  to.stroke();
  if (info.paper !== "dots" || dots_spacing * scale < CLOSEST_PX) return;
  to.beginPath();
  for (const y of multiples(dots_spacing, top, bottom, info.height)) {
    for (const x of multiples(dots_spacing, left, right, info.width)) {
      to.moveTo(x + dot_radius, y);
      to.arc(x, y, dot_radius, 0, 2 * Math.PI);
    }
  }
  to.fill();
}

/** Within the page's inside, and a step beyond the area, as lines and dots have a width. */
function* multiples(step: number, from: number, until: number, length: number): Generator<number> {
  for (let at = Math.max(step, Math.floor(from / step) * step); at < length && at <= until + step; at += step)
    yield at;
}
