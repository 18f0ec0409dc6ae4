/** Which part of the page is seen: page units to CSS pixels and back. Immutable. */
import type { Point } from "../model/geometry.ts";
import type { Box } from "../model/shape.ts";

export const LEAST_ZOOM = 0.1;
export const MOST_ZOOM = 16;
/** Air around a page that is fitted. */
const AIR = 12;
/** So much of the page stays in view however far one pans, as a share of the view. */
const KEPT = 0.2;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export class Camera {
  /** The page's point at the view's top left corner. */
  readonly x: number;
  readonly y: number;
  readonly zoom: number;

  constructor(x: number, y: number, zoom: number) {
    this.x = x;
    this.y = y;
    this.zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
  }

  toPage(x: number, y: number): Point {
    return { x: this.x + x / this.zoom, y: this.y + y / this.zoom };
  }

  toView(point: Point): Point {
    return { x: (point.x - this.x) * this.zoom, y: (point.y - this.y) * this.zoom };
  }

  view(size: Size): Box {
    return { x: this.x, y: this.y, width: size.width / this.zoom, height: size.height / this.zoom };
  }

  pannedBy(dxPx: number, dyPx: number): Camera {
    return new Camera(this.x - dxPx / this.zoom, this.y - dyPx / this.zoom, this.zoom);
  }

  /** The page's point under (xPx, yPx) stays there. */
  zoomedAt(xPx: number, yPx: number, zoom: number): Camera {
    const next = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
    const at = this.toPage(xPx, yPx);
    return new Camera(at.x - xPx / next, at.y - yPx / next, next);
  }

  /** Moved back so that some of `page` is in view. */
  keptOn(page: Box, size: Size): Camera {
    const view = this.view(size);
    const clamp = (value: number, start: number, length: number, seen: number) => {
      const kept = Math.min(length, seen * KEPT);
      return Math.min(start + length - kept, Math.max(start + kept - seen, value));
    };
    return new Camera(
      clamp(this.x, page.x, page.width, view.width),
      clamp(this.y, page.y, page.height, view.height),
      this.zoom,
    );
  }
}

/** `box` in the middle of the view, as large as it goes. */
export function fitted(box: Box, size: Size, air = AIR): Camera {
  const zoom = Math.max(
    LEAST_ZOOM,
    Math.min(
      (size.width - 2 * air) / Math.max(1, box.width),
      (size.height - 2 * air) / Math.max(1, box.height),
    ),
  );
  const x = box.x + box.width / 2 - size.width / zoom / 2;
  const y = box.y + box.height / 2 - size.height / zoom / 2;
  return new Camera(x, y, zoom);
}
