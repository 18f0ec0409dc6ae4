/** Shapes to bytes and back (docs/protocol.md section 3.4). The bytes come from anybody who may draw. */
import { FLAG, type Shape, type ShapeBase, type TurnedBox } from "./shape.ts";
import { NotAShape, ShapeReader, ShapeWriter } from "./shape-bytes.ts";

export const MAX_SHAPE_BYTES = 16 * 1024;
export const MAX_POINTS = 600;
export const MAX_TEXT_CHARS = 4000;
export const MAX_TEXT_SIZE = 2000;
/** Pressure where none is known: what perfect-freehand takes for the middle. */
export const NO_PRESSURE = 128;

const VERSION = 1;
const QUARTERS = 4;
const MAX_COORDINATE = 4_000_000;
const MAX_ANGLE = 3600;
const MAX_DURATION_MS = 86_400_000;
const MAX_Z_CHARS = 32;
const MAX_FILE_ID_CHARS = 64;
const MAX_ALTERNATIVE_CHARS = 1000;

const toText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const toBytes = new TextEncoder();

/** Null = no shape. A type or version to come is an "unknown" shape, not an error. */
export function decodeShape(bytes: Uint8Array): Shape | null {
  try {
    return read(new ShapeReader(bytes));
  } catch (error) {
    if (error instanceof NotAShape) return null;
    throw error;
  }
}

/** Null = it does not fit: over 16 kB, 600 points or 4,000 characters. Places are rounded to quarter units. */
export function encodeShape(shape: Shape): Uint8Array<ArrayBuffer> | null {
  if (shape.type === "unknown") return null;
  const out = new ShapeWriter();
  const { stroke, fill, width, opacity } = shape.style;
  out.byte(VERSION).byte(TYPES.indexOf(shape.type)).byte(shape.flags);
  out.byte(stroke).byte(fill).byte(width).byte(opacity);
  out.chunk(toBytes.encode(shape.z)).varuint(Math.min(Math.round(shape.durationMs), MAX_DURATION_MS));
  write(out, shape);
  const bytes = out.finish();
  return decodeShape(bytes) ? bytes : null;
}

/** Rounds as the wire does, so that what is drawn is what others will see. */
export function onGrid(value: number): number {
  return Math.round(value * QUARTERS) / QUARTERS;
}

const TYPES = ["", "ink", "line", "rectangle", "ellipse", "text", "note", "image", "stamp"];

function read(from: ShapeReader): Shape {
  if (from.left > MAX_SHAPE_BYTES) throw new NotAShape("too big");
  const version = from.byte();
  const type = from.byte();
  if (version !== VERSION) {
    const style = { stroke: 0, fill: 0, width: 0, opacity: 255 };
    return { type: "unknown", flags: 0, style, z: "", durationMs: 0, box: null };
  }
  const flags = from.byte();
  const style = { stroke: from.byte(), fill: from.byte(), width: from.byte(), opacity: from.byte() };
  const z = ascii(from, MAX_Z_CHARS, /^[0-9A-Za-z]+$/);
  const head: ShapeBase = { flags, style, z, durationMs: from.varuint(MAX_DURATION_MS) };
  const shape = geometry(from, type, head);
  if (from.left > 0 && shape.type !== "unknown") throw new NotAShape("trailing bytes");
  return shape;
}

function geometry(from: ShapeReader, type: number, head: ShapeBase): Shape {
  const place = () => from.varint(MAX_COORDINATE) / QUARTERS;
  const length = () => from.length(MAX_COORDINATE) / QUARTERS;
  const angle = () => from.varint(MAX_ANGLE) / 10;
  const box = (): TurnedBox => ({
    x: place(),
    y: place(),
    width: length(),
    height: length(),
    angle: angle(),
  });
  switch (TYPES[type]) {
    case "ink":
      return { type: "ink", ...head, points: inkPoints(from, head.flags) };
    case "line":
      return { type: "line", ...head, x1: place(), y1: place(), x2: place(), y2: place() };
    case "rectangle":
    case "ellipse":
      return { type: type === 3 ? "rectangle" : "ellipse", ...head, ...box() };
    case "text": {
      const at = { x: place(), y: place(), width: length(), angle: angle() };
      return { type: "text", ...head, ...at, size: textSize(from), text: string(from, MAX_TEXT_CHARS) };
    }
    case "note":
      return { type: "note", ...head, ...box(), size: textSize(from), text: string(from, MAX_TEXT_CHARS) };
    case "image": {
      const at = box();
      const file = ascii(from, MAX_FILE_ID_CHARS, /^[A-Za-z0-9_-]+$/);
      return { type: "image", ...head, ...at, file, alternative: string(from, MAX_ALTERNATIVE_CHARS) };
    }
    case "stamp":
      return {
        type: "stamp",
        ...head,
        x: place(),
        y: place(),
        size: length(),
        angle: angle(),
        kind: from.byte(),
      };
    default:
      return { type: "unknown", ...head, box: unknownBox(from.take(from.left)) };
  }
}

function inkPoints(from: ShapeReader, flags: number): Float32Array {
  const count = from.varuint(MAX_POINTS);
  if (count === 0) throw new NotAShape("ink without a point");
  const points = new Float32Array(count * 3);
  const pressed = !(flags & FLAG.noPressure);
  const far = 2 * MAX_COORDINATE;
  let x = 0;
  let y = 0;
  let pressure = pressed ? 0 : NO_PRESSURE;
  for (let index = 0; index < points.length; index += 3) {
    x += from.varint(far);
    y += from.varint(far);
    if (pressed) pressure += from.varint(255);
    if (Math.abs(x) > MAX_COORDINATE || Math.abs(y) > MAX_COORDINATE) throw new NotAShape("too far");
    if (pressure < 0 || pressure > 255) throw new NotAShape("pressure");
    points[index] = x / QUARTERS;
    points[index + 1] = y / QUARTERS;
    points[index + 2] = pressure;
  }
  return points;
}

function textSize(from: ShapeReader): number {
  const size = from.varuint(MAX_TEXT_SIZE);
  if (size === 0) throw new NotAShape("text of no size");
  return size;
}

function ascii(from: ShapeReader, most: number, pattern: RegExp): string {
  const text = String.fromCharCode(...from.take(from.varuint(most)));
  if (!pattern.test(text)) throw new NotAShape("characters");
  return text;
}

function string(from: ShapeReader, most: number): string {
  const bytes = from.take(from.varuint(MAX_SHAPE_BYTES));
  let text: string;
  try {
    text = toText.decode(bytes);
  } catch {
    throw new NotAShape("not UTF-8");
  }
  if (lengthOf(text) > most) throw new NotAShape("too long");
  return text;
}

/** Characters as the server counts them: code points, not UTF-16 units. */
function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function unknownBox(bytes: Uint8Array) {
  const from = new ShapeReader(bytes);
  const place = () => from.varint(MAX_COORDINATE) / QUARTERS;
  const length = () => from.length(MAX_COORDINATE) / QUARTERS;
  try {
    return { x: place(), y: place(), width: length(), height: length() };
  } catch (error) {
    if (error instanceof NotAShape) return null;
    throw error;
  }
}

function write(out: ShapeWriter, shape: Shape): void {
  const place = (...values: readonly number[]) => {
    for (const value of values) out.varint(Math.round(value * QUARTERS));
  };
  const angle = (degrees: number) => out.varint(Math.round(degrees * 10));
  const box = (of: TurnedBox) => {
    place(of.x, of.y, of.width, of.height);
    angle(of.angle);
  };
  switch (shape.type) {
    case "ink":
      writeInk(out, shape.points, shape.flags);
      return;
    case "line":
      place(shape.x1, shape.y1, shape.x2, shape.y2);
      return;
    case "rectangle":
    case "ellipse":
      box(shape);
      return;
    case "text":
      place(shape.x, shape.y, shape.width);
      angle(shape.angle);
      out.varuint(shape.size).chunk(toBytes.encode(shape.text));
      return;
    case "note":
      box(shape);
      out.varuint(shape.size).chunk(toBytes.encode(shape.text));
      return;
    case "image":
      box(shape);
      out.chunk(toBytes.encode(shape.file)).chunk(toBytes.encode(shape.alternative));
      return;
    case "stamp":
      place(shape.x, shape.y, shape.size);
      angle(shape.angle).byte(shape.kind);
      return;
    case "unknown":
      return;
  }
}

function writeInk(out: ShapeWriter, points: Float32Array, flags: number): void {
  out.varuint(points.length / 3);
  let x = 0;
  let y = 0;
  let pressure = 0;
  for (let index = 0; index < points.length; index += 3) {
    const nextX = Math.round((points[index] ?? 0) * QUARTERS);
    const nextY = Math.round((points[index + 1] ?? 0) * QUARTERS);
    const next = Math.round(points[index + 2] ?? 0);
    out.varint(nextX - x).varint(nextY - y);
    if (!(flags & FLAG.noPressure)) out.varint(next - pressure);
    x = nextX;
    y = nextY;
    pressure = next;
  }
}
