/** What can stand on a page (docs/protocol.md section 3.4). Places and lengths are page units, angles degrees clockwise. */

declare const brand: unique symbol;
export type ShapeId = string & { readonly [brand]: "ShapeId" };

export const FLAG = {
  highlighter: 1,
  noPressure: 2,
  arrowAtEnd: 1,
  arrowAtStart: 2,
  dashed: 4,
  centred: 8,
  bold: 16,
} as const;

export const STAMPS = [
  "tick",
  "cross",
  "question",
  "exclamation",
  "star",
  "heart",
  "thumb",
  "circle",
  "arrow",
] as const;
export type StampName = (typeof STAMPS)[number];

/** As on the wire: colours are indexes of the palette (0 = none), width in half units, opacity 255 = opaque. */
export interface Style {
  readonly stroke: number;
  readonly fill: number;
  readonly width: number;
  readonly opacity: number;
}

export interface ShapeBase {
  readonly flags: number;
  readonly style: Style;
  readonly z: string;
  readonly durationMs: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A box that is turned about its middle. */
export interface TurnedBox extends Box {
  readonly angle: number;
}

export interface Ink extends ShapeBase {
  readonly type: "ink";
  /** x, y, pressure (0 to 255) of each point, one after another; every pressure is 128 with FLAG.noPressure. */
  readonly points: Float32Array;
}

export interface Line extends ShapeBase {
  readonly type: "line";
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface Outline extends ShapeBase, TurnedBox {
  readonly type: "rectangle" | "ellipse";
}

export interface Text extends ShapeBase {
  readonly type: "text";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** About (x, y). */
  readonly angle: number;
  readonly size: number;
  readonly text: string;
}

export interface Note extends ShapeBase, TurnedBox {
  readonly type: "note";
  readonly size: number;
  readonly text: string;
}

export interface Image extends ShapeBase, TurnedBox {
  readonly type: "image";
  readonly file: string;
  readonly alternative: string;
}

export interface Stamp extends ShapeBase {
  readonly type: "stamp";
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly angle: number;
  /** 1 = the first of STAMPS; others may come. */
  readonly kind: number;
}

/** Of a type or version to come: kept, and shown as a box when it has one. */
export interface Unknown extends ShapeBase {
  readonly type: "unknown";
  readonly box: Box | null;
}

/** Whether two encoded shapes are the same; null = no shape. */
export function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === b) return true;
  if (!a || !b || a.length !== b.length) return false;
  return a.every((value, index) => value === b[index]);
}

export type Shape = Ink | Line | Outline | Text | Note | Image | Stamp | Unknown;
export type ShapeType = Shape["type"];
