/** The binary messages of the board's socket (docs/protocol.md section 3.3). */
import type { PageNumber } from "./board-vocabulary.ts";
import { ByteReader, ByteWriter, CutShort } from "./wire-bytes.ts";

export const LIVE_KINDS = { pointer: 1, laser: 2, gone: 3, ink: 4, view: 5, held: 6, drag: 7 } as const;

export interface LivePart {
  readonly actor: number;
  readonly kind: number;
  readonly payload: Uint8Array;
}

export type Frame =
  | {
      readonly kind: "updates";
      readonly page: PageNumber;
      readonly epoch: number;
      readonly first: number;
      /** An empty one stands for an update of this connection's own. */
      readonly updates: readonly Uint8Array[];
    }
  | { readonly kind: "live"; readonly page: PageNumber; readonly parts: readonly LivePart[] }
  | {
      readonly kind: "ack";
      readonly page: PageNumber;
      readonly epoch: number;
      readonly n: number;
      readonly seq: number;
    }
  | {
      readonly kind: "state";
      readonly page: PageNumber;
      readonly epoch: number;
      readonly seq: number;
      readonly packed: boolean;
      readonly update: Uint8Array;
    };

export function encodeUpdate(
  page: PageNumber,
  epoch: number,
  n: number,
  update: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return new ByteWriter().byte(0x01).varuint(page).varuint(epoch).varuint(n).bytes(update).finish();
}

export function encodeLive(page: PageNumber, kind: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return new ByteWriter().byte(0x02).varuint(page).byte(kind).bytes(payload).finish();
}

/** Null = the server broke the contract, or is newer than this page. */
export function decodeFrame(bytes: Uint8Array): Frame | null {
  try {
    return frameOf(new ByteReader(bytes));
  } catch (error) {
    if (error instanceof CutShort) return null;
    throw error;
  }
}

function frameOf(reader: ByteReader): Frame | null {
  const kind = reader.byte();
  const page = reader.varuint() as PageNumber;
  switch (kind) {
    case 0x11: {
      const epoch = reader.varuint();
      const first = reader.varuint();
      const updates: Uint8Array[] = [];
      while (reader.left > 0) updates.push(reader.bytes(reader.varuint()));
      return { kind: "updates", page, epoch, first, updates };
    }
    case 0x12: {
      const parts: LivePart[] = [];
      while (reader.left > 0) {
        const actor = reader.varuint();
        const live = reader.byte();
        parts.push({ actor, kind: live, payload: reader.bytes(reader.varuint()) });
      }
      return { kind: "live", page, parts };
    }
    case 0x13: {
      const ack = {
        kind: "ack",
        page,
        epoch: reader.varuint(),
        n: reader.varuint(),
        seq: reader.varuint(),
      } as const;
      return reader.left === 0 ? ack : null;
    }
    case 0x14: {
      const epoch = reader.varuint();
      const seq = reader.varuint();
      const coding = reader.byte();
      if (coding > 1) return null;
      return { kind: "state", page, epoch, seq, packed: coding === 1, update: reader.rest() };
    }
    default:
      return null;
  }
}
