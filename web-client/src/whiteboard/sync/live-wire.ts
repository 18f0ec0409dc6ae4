/** Live messages to payloads and back (docs/protocol.md section 3.3). A stroke says only once which shape it will be. */
import { FLAG, type ShapeId, type Style } from "../model/shape.ts";
import type { LiveMessage } from "../page-model.ts";
import { LIVE_KINDS } from "./board-frames.ts";
import type { ActorId, PageNumber } from "./board-vocabulary.ts";
import { ByteReader, ByteWriter, CutShort } from "./wire-bytes.ts";

type Ink = Extract<LiveMessage, { kind: "ink" }>;
type Head = Pick<Ink, "id" | "style" | "flags">;

const QUARTERS = 4;
const IDS_MOST = 100;
const POINTS_MOST = 2_000;
/** A person draws with one hand; a few more for what arrives late. */
const STROKES_KEPT = 8;
const SHAPE_ID = /^[A-Za-z0-9_-]{8,22}$/;

export class LiveWire {
  #stroke = 0;
  #drawing: ShapeId | null = null;
  readonly #heads = new Map<string, Map<number, Head>>();

  encode(message: LiveMessage): { readonly kind: number; readonly payload: Uint8Array<ArrayBuffer> } {
    const out = new ByteWriter();
    const place = (value: number) => out.varint(Math.round(value * QUARTERS));
    switch (message.kind) {
      case "gone":
        break;
      case "pointer":
      case "laser":
        place(message.x);
        place(message.y);
        break;
      case "view":
        for (const value of [message.x, message.y, message.width, message.height])
          out.varint(Math.round(value));
        break;
      case "drag":
        place(message.dx);
        place(message.dy);
        for (const id of message.ids.slice(0, IDS_MOST)) out.ascii(id);
        break;
      case "held":
        for (const id of message.ids.slice(0, IDS_MOST)) out.ascii(id);
        break;
      case "ink":
        this.#encodeInk(message, out, place);
    }
    return { kind: LIVE_KINDS[message.kind], payload: out.finish() };
  }

  /** Null = broken, of a kind to come, or a piece of a stroke whose beginning was missed. */
  decode(page: PageNumber, actor: ActorId | number, kind: number, payload: Uint8Array): LiveMessage | null {
    try {
      return this.#read(`${page}/${actor}`, kind, new ByteReader(payload));
    } catch (error) {
      if (error instanceof CutShort) return null;
      throw error;
    }
  }

  #encodeInk(message: Ink, out: ByteWriter, place: (value: number) => void): void {
    if (message.id !== this.#drawing || message.index === 0) {
      this.#drawing = message.id;
      this.#stroke = (this.#stroke + 1) % 128;
    }
    out.varuint(this.#stroke).varuint(message.index);
    if (message.index === 0) {
      const { stroke, fill, width, opacity } = message.style;
      out.ascii(message.id).byte(message.flags).byte(stroke).byte(fill).byte(width).byte(opacity);
    }
    const pressed = (message.flags & FLAG.noPressure) === 0;
    message.points.forEach((value, at) => {
      if (at % 3 < 2) place(value);
      else if (pressed) out.byte(Math.round(value));
    });
  }

  #read(from: string, kind: number, reader: ByteReader): LiveMessage | null {
    const place = () => reader.varint() / QUARTERS;
    switch (kind) {
      case LIVE_KINDS.pointer:
      case LIVE_KINDS.laser:
        return { kind: kind === LIVE_KINDS.laser ? "laser" : "pointer", x: place(), y: place() };
      case LIVE_KINDS.gone:
        return { kind: "gone" };
      case LIVE_KINDS.ink:
        return this.#readInk(from, reader);
      case LIVE_KINDS.view:
        return {
          kind: "view",
          x: reader.varint(),
          y: reader.varint(),
          width: reader.varint(),
          height: reader.varint(),
        };
      case LIVE_KINDS.held:
        return { kind: "held", ids: readIds(reader) };
      case LIVE_KINDS.drag:
        return { kind: "drag", dx: place(), dy: place(), ids: readIds(reader) };
      default:
        return null;
    }
  }

  #readInk(from: string, reader: ByteReader): LiveMessage | null {
    const stroke = reader.varuint();
    const index = reader.varuint();
    if (index === 0) this.#begin(from, stroke, reader);
    const head = this.#heads.get(from)?.get(stroke);
    if (!head) return null;
    const pressed = (head.flags & FLAG.noPressure) === 0;
    const points: number[] = [];
    while (reader.left > 0 && points.length < POINTS_MOST * 3)
      points.push(reader.varint() / QUARTERS, reader.varint() / QUARTERS, pressed ? reader.byte() : 128);
    return { kind: "ink", ...head, index, points };
  }

  #begin(from: string, stroke: number, reader: ByteReader): void {
    const id = readId(reader);
    const flags = reader.byte();
    const style: Style = {
      stroke: reader.byte(),
      fill: reader.byte(),
      width: reader.byte(),
      opacity: reader.byte(),
    };
    const heads = this.#heads.get(from) ?? new Map<number, Head>();
    this.#heads.set(from, heads);
    heads.delete(stroke);
    heads.set(stroke, { id, flags, style });
    for (const old of heads.keys()) {
      if (heads.size <= STROKES_KEPT) return;
      heads.delete(old);
    }
  }
}

function readId(reader: ByteReader): ShapeId {
  const id = reader.ascii();
  if (!SHAPE_ID.test(id)) throw new CutShort();
  return id as ShapeId;
}

function readIds(reader: ByteReader): ShapeId[] {
  const ids: ShapeId[] = [];
  while (reader.left > 0 && ids.length < IDS_MOST) ids.push(readId(reader));
  return ids;
}
