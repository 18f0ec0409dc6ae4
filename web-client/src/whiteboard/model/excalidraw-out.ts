/** Shapes to Excalidraw's JSON, so that a board can go on elsewhere. What Excalidraw lacks is carried along for our import. */
import { colourOf } from "./palette.ts";
import { FLAG, type Shape, type ShapeId, type TurnedBox } from "./shape.ts";
import { frameOf } from "./shape-bounds.ts";
import { encodeShape } from "./shape-codec.ts";
import type { TextSetter } from "./text-layout.ts";

export interface ExcalidrawElement {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly angle: number;
  readonly [field: string]: unknown;
}

const FONT = 2;

export function toExcalidraw(shapes: readonly { id: ShapeId; shape: Shape }[], setter: TextSetter): string {
  const elements = shapes.flatMap(({ id, shape }) => elementsOf(id, shape, setter));
  const type = "excalidraw";
  const appState = { viewBackgroundColor: "#ffffff" };
  return JSON.stringify({ type, version: 2, source: "muster", elements, appState, files: {} }, null, 2);
}

/** What an element looked like when it left: our own bytes count only while nothing was changed elsewhere. */
export function sealOf(element: ExcalidrawElement): string {
  const { x, y, width, height, angle, strokeColor, backgroundColor, strokeWidth, originalText } = element;
  return JSON.stringify([
    x,
    y,
    width,
    height,
    angle,
    strokeColor,
    backgroundColor,
    strokeWidth,
    originalText ?? "",
  ]);
}

function elementsOf(id: ShapeId, shape: Shape, setter: TextSetter): ExcalidrawElement[] {
  const blob = encodeShape(shape);
  const [first, ...others] = drawn(id, shape, setter);
  if (!first || !blob) return [];
  const customData = { muster: { shape: btoa(String.fromCharCode(...blob)), seal: sealOf(first) } };
  return [{ ...first, customData }, ...others];
}

function drawn(id: ShapeId, shape: Shape, setter: TextSetter): ExcalidrawElement[] {
  const frame = frameOf(shape, setter);
  const base = baseOf(id, shape, frame);
  switch (shape.type) {
    case "ink": {
      const points: number[][] = [];
      const pressures: number[] = [];
      for (let index = 0; index < shape.points.length; index += 3) {
        points.push([(shape.points[index] ?? 0) - frame.x, (shape.points[index + 1] ?? 0) - frame.y]);
        pressures.push((shape.points[index + 2] ?? 128) / 255);
      }
      const [start] = points;
      const at = { x: frame.x + (start?.[0] ?? 0), y: frame.y + (start?.[1] ?? 0) };
      const relative = points.map(([x = 0, y = 0]) => [x - (start?.[0] ?? 0), y - (start?.[1] ?? 0)]);
      return [{ ...base, ...at, type: "freedraw", points: relative, pressures, simulatePressure: false }];
    }
    case "line": {
      const arrow = (flag: number) => (shape.flags & flag ? "triangle" : null);
      const heads = { startArrowhead: arrow(FLAG.arrowAtStart), endArrowhead: arrow(FLAG.arrowAtEnd) };
      const type = heads.startArrowhead || heads.endArrowhead ? "arrow" : "line";
      const to = [shape.x2 - shape.x1, shape.y2 - shape.y1];
      return [{ ...base, type, x: shape.x1, y: shape.y1, points: [[0, 0], to], ...heads }];
    }
    case "rectangle":
    case "ellipse":
      return [{ ...base, type: shape.type }];
    case "text":
      return [{ ...base, ...textFields(shape, null) }];
    case "note": {
      const words = { ...base, id: `${id}_text`, ...textFields(shape, id) };
      const paper = { ...base, type: "rectangle", strokeColor: "transparent", originalText: shape.text };
      return [{ ...paper, boundElements: [{ type: "text", id: words.id }] }, words];
    }
    case "image":
      return [{ ...base, type: "rectangle", strokeStyle: "dashed", backgroundColor: "transparent" }];
    case "stamp":
      return [{ ...base, type: "ellipse" }];
    case "unknown":
      return [];
  }
}

function baseOf(id: ShapeId, shape: Shape, frame: TurnedBox): ExcalidrawElement {
  const { stroke, fill, width, opacity } = shape.style;
  return {
    id,
    type: "",
    x: frame.x,
    y: frame.y,
    width: frame.width,
    height: frame.height,
    angle: (frame.angle * Math.PI) / 180,
    strokeColor: stroke === 0 ? "transparent" : colourOf(stroke),
    backgroundColor: fill === 0 ? "transparent" : colourOf(fill),
    fillStyle: "solid",
    strokeWidth: width / 2,
    strokeStyle: shape.type !== "ink" && shape.flags & FLAG.dashed ? "dashed" : "solid",
    roughness: 0,
    opacity: Math.round((opacity / 255) * 100),
    groupIds: [],
    frameId: null,
    roundness: null,
    seed: 1,
    version: 1,
    versionNonce: 1,
    isDeleted: false,
    boundElements: null,
    updated: 1,
    link: null,
    locked: false,
  };
}

function textFields(shape: Shape & { text: string; size: number }, container: string | null) {
  return {
    type: "text",
    text: shape.text,
    originalText: shape.text,
    fontSize: shape.size,
    fontFamily: FONT,
    textAlign: shape.flags & FLAG.centred ? "center" : "left",
    verticalAlign: container && shape.flags & FLAG.centred ? "middle" : "top",
    containerId: container,
    autoResize: false,
    lineHeight: 1.25,
  };
}
