import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeFrame, encodeLive, encodeUpdate, type Frame } from "./board-frames.ts";
import { parseMessage } from "./board-messages.ts";
import type { PageNumber } from "./board-vocabulary.ts";

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly type: string;
  readonly fields: {
    readonly page: number;
    readonly epoch: number;
    readonly n: number;
    readonly kind: number;
    readonly update: string;
    readonly payload: string;
    readonly updates: readonly string[];
    readonly lives: readonly (readonly [number, number, string])[];
    readonly data: string;
  };
}

const folder = new URL("../../../../tests/vectors/board/", import.meta.url);
const frames: Readonly<Record<"client" | "server", readonly Vector[]>> & {
  readonly broken_server: readonly (string | { readonly hex: string })[];
} = JSON.parse(readFileSync(new URL("frames.json", folder), "utf8"));
const examples: Readonly<Record<string, readonly object[]>> = JSON.parse(
  readFileSync(new URL("messages/server/examples.json", folder), "utf8"),
);

describe("the vectors of both sides", () => {
  it.each(frames.client)("$name is written as the server reads it", ({ hex, type, fields }) => {
    const page = fields.page as PageNumber;
    const written =
      type === "update"
        ? encodeUpdate(page, fields.epoch, fields.n, bytes(fields.update))
        : encodeLive(page, fields.kind, bytes(fields.payload));
    expect(hexOf(written)).toBe(hex);
  });

  it.each(frames.server)("$name is read as the server wrote it", ({ hex, type, fields }) => {
    const frame = decodeFrame(bytes(hex));
    expect(frame && fieldsOf(frame)).toEqual({ type, fields });
  });

  it("that are broken are passed over", () => {
    for (const broken of frames.broken_server)
      expect(
        decodeFrame(bytes(typeof broken === "string" ? broken : broken.hex)),
        JSON.stringify(broken),
      ).toBeNull();
  });

  it.each(Object.entries(examples))("every example of %s is understood", (type, messages) => {
    for (const message of messages)
      expect(parseMessage(JSON.stringify(message)), JSON.stringify(message)).toMatchObject({ type });
  });
});

function fieldsOf(frame: Frame): object {
  const { page } = frame;
  switch (frame.kind) {
    case "updates":
      return {
        type: "updates",
        fields: { page, epoch: frame.epoch, first: frame.first, updates: frame.updates.map(hexOf) },
      };
    case "live":
      return {
        type: "lives",
        fields: { page, lives: frame.parts.map(({ actor, kind, payload }) => [actor, kind, hexOf(payload)]) },
      };
    case "ack":
      return { type: "ack", fields: { page, epoch: frame.epoch, n: frame.n, seq: frame.seq } };
    case "state": {
      const coding = frame.packed ? 1 : 0;
      const data = hexOf(frame.update);
      return { type: "state", fields: { page, epoch: frame.epoch, seq: frame.seq, coding, data } };
    }
  }
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hexOf(value: Uint8Array): string {
  return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
