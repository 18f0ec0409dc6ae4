/** The selected shapes, their frame and handles. */
import { distance, type Point } from "../model/geometry.ts";
import { type Handle, handlesOf, type PlacedHandle } from "../model/handles.ts";
import type { Shape, ShapeId, TurnedBox } from "../model/shape.ts";
import { frameOf } from "../model/shape-bounds.ts";
import type { ToolHost } from "./tool.ts";

/** How far above the frame the turning handle floats, CSS pixels. */
const TURN_AWAY_PX = 28;

type Looks = Pick<ToolHost, "scene" | "selection" | "setter" | "zoom">;

export interface SelectedShape {
  readonly id: ShapeId;
  readonly shape: Shape;
}

export function selectedShapes(host: Pick<Looks, "scene" | "selection">): SelectedShape[] {
  return host.selection.flatMap((id) => {
    const known = host.scene.get(id);
    return known ? [{ id, shape: known.shape }] : [];
  });
}

/** One shape's own frame, turned as it is; several have an upright one around them. */
export function selectionFrame(host: Looks, shapes: readonly SelectedShape[]): TurnedBox | null {
  const [only] = shapes;
  if (only && shapes.length === 1) return frameOf(only.shape, host.setter);
  const box = host.scene.boundsOfAll(shapes.map(({ id }) => id));
  return box && { ...box, angle: 0 };
}

export function selectionHandles(host: Looks): PlacedHandle[] {
  const shapes = selectedShapes(host);
  const frame = selectionFrame(host, shapes);
  if (!frame || !host.selection.every((id) => host.scene.editable(id))) return [];
  return handlesOf(
    shapes.map(({ shape }) => shape),
    frame,
    TURN_AWAY_PX / host.zoom,
  );
}

export function handleAt(host: Looks, point: Point, reach: number): Handle | null {
  let best: { handle: Handle; far: number } | null = null;
  for (const placed of selectionHandles(host)) {
    const far = distance(placed, point);
    if (far <= reach && (!best || far < best.far)) best = { handle: placed.handle, far };
  }
  return best?.handle ?? null;
}
