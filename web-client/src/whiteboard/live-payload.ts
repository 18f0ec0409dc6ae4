/** Live messages to the payloads of docs/protocol.md section 3.3 and back; the frame around them is the socket's. */
import type { ShapeId } from "./model/shape.ts";
import { NotAShape, ShapeReader, ShapeWriter } from "./model/shape-bytes.ts";
import type { LiveMessage } from "./page-model.ts";

const KINDS = ["", "pointer", "laser", "gone", "ink", "view", "held", "drag"] as const;
const QUARTERS = 4;
const FARTHEST = 8_000_000;
const MOST_IDS = 100;
const ID = /^[A-Za-z0-9_-]{8,22}$/;

export function encodeLiveMessage(message: LiveMessage): { kind: number; payload: Uint8Array<ArrayBuffer> } {
  const out = new ShapeWriter();
  const place = (value: number) => out.varint(Math.round(value * QUARTERS));
  switch (message.kind) {
    case "pointer":
    case "laser":
      place(message.x);
      place(message.y);
      break;
    case "gone":
      break;
    case "ink": {
      const { stroke, fill, width, opacity } = message.style;
      putId(out, message.id);
      out.varuint(message.index).byte(stroke).byte(fill).byte(width).byte(opacity).byte(message.flags);
      message.points.forEach((value, at) => {
        if (at % 3 === 2) out.byte(Math.round(value));
        else place(value);
      });
      break;
    }
    case "view":
      for (const value of [message.x, message.y, message.width, message.height])
        out.varint(Math.round(value));
      break;
    case "held":
      for (const id of message.ids.slice(0, MOST_IDS)) putId(out, id);
      break;
    case "drag":
      place(message.dx);
      place(message.dy);
      for (const id of message.ids.slice(0, MOST_IDS)) putId(out, id);
      break;
  }
  return { kind: KINDS.indexOf(message.kind), payload: out.finish() };
}

/** Null = of a kind to come, or broken. */
export function decodeLiveMessage(kind: number, payload: Uint8Array): LiveMessage | null {
  try {
    return read(KINDS[kind] ?? "", new ShapeReader(payload));
  } catch (error) {
    if (error instanceof NotAShape) return null;
    throw error;
  }
}

function read(kind: (typeof KINDS)[number], from: ShapeReader): LiveMessage | null {
  const place = () => from.varint(FARTHEST) / QUARTERS;
  const whole = () => from.varint(FARTHEST);
  switch (kind) {
    case "":
      return null;
    case "gone":
      return { kind };
    case "pointer":
    case "laser":
      return { kind, x: place(), y: place() };
    case "view":
      return { kind, x: whole(), y: whole(), width: whole(), height: whole() };
    case "held":
      return { kind, ids: takeIds(from) };
    case "drag":
      return { kind, dx: place(), dy: place(), ids: takeIds(from) };
    case "ink": {
      const id = takeId(from);
      const index = from.varuint(FARTHEST);
      const style = { stroke: from.byte(), fill: from.byte(), width: from.byte(), opacity: from.byte() };
      const flags = from.byte();
      const points: number[] = [];
      while (from.left > 0) points.push(place(), place(), from.byte());
      return { kind, id, index, style, flags, points };
    }
  }
}

function putId(out: ShapeWriter, id: ShapeId): void {
  out.chunk(new TextEncoder().encode(id));
}

function takeId(from: ShapeReader): ShapeId {
  const id = String.fromCharCode(...from.take(from.varuint(22)));
  if (!ID.test(id)) throw new NotAShape("id");
  return id as ShapeId;
}

function takeIds(from: ShapeReader): ShapeId[] {
  const ids: ShapeId[] = [];
  while (from.left > 0 && ids.length < MOST_IDS) ids.push(takeId(from));
  return ids;
}
