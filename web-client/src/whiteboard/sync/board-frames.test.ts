import { describe, expect, it } from "vitest";
import type { ShapeId } from "../model/shape.ts";
import { decodeFrame, encodeLive, encodeUpdate } from "./board-frames.ts";
import { parseMessage } from "./board-messages.ts";
import type { PageNumber } from "./board-vocabulary.ts";
import { LiveWire } from "./live-wire.ts";
import { ByteReader, ByteWriter } from "./wire-bytes.ts";

const page = 300 as PageNumber;

describe("numbers on the wire", () => {
  it.each([0, 1, 127, 128, 300, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER])(
    "carry %d there and back",
    (value) => {
      expect(new ByteReader(new ByteWriter().varuint(value).finish()).varuint()).toBe(value);
    },
  );

  it.each([0, -1, 1, -64, 64, -16_000_000, 16_000_000])("carry %d with its sign", (value) => {
    expect(new ByteReader(new ByteWriter().varint(value).finish()).varint()).toBe(value);
  });
});

describe("binary messages", () => {
  it("have the layout of the contract", () => {
    expect([...encodeUpdate(page, 2, 3, Uint8Array.of(9, 8))]).toEqual([1, 0xac, 2, 2, 3, 9, 8]);
    expect([...encodeLive(page, 3, new Uint8Array())]).toEqual([2, 0xac, 2, 3]);
    expect(decodeFrame(Uint8Array.of(0x13, 0xac, 2, 1, 5, 9))).toEqual({
      kind: "ack",
      page,
      epoch: 1,
      n: 5,
      seq: 9,
    });
    expect(decodeFrame(Uint8Array.of(0x11, 7, 1, 4, 0, 2, 6, 6))).toEqual({
      kind: "updates",
      page: 7,
      epoch: 1,
      first: 4,
      updates: [new Uint8Array(), Uint8Array.of(6, 6)],
    });
  });

  it("of a broken or a future kind are passed over", () => {
    expect(decodeFrame(new Uint8Array())).toBeNull();
    expect(decodeFrame(Uint8Array.of(0x11, 7, 1, 4, 200))).toBeNull();
    expect(decodeFrame(Uint8Array.of(0x7f, 7))).toBeNull();
    for (let length = 0; length < 12; length++)
      expect(() => decodeFrame(new Uint8Array(length).fill(0xff))).not.toThrow();
  });
});

describe("live messages", () => {
  const stroke = {
    kind: "ink" as const,
    id: "stroke-one" as ShapeId,
    style: { stroke: 3, fill: 0, width: 4, opacity: 255 },
    flags: 0,
  };

  it("carry a stroke in pieces, its head only once", () => {
    const author = new LiveWire();
    const reader = new LiveWire();
    const first = { ...stroke, index: 0, points: [10, 10, 128, 0.25, 0, 130] };
    const second = { ...stroke, index: 2, points: [0.25, 0.5, 131] };
    const sent = [first, second].map((message) => author.encode(message));
    expect(sent[1]?.payload.length).toBeLessThan(8);
    expect(sent.map(({ kind, payload }) => reader.decode(page, 5, kind, payload))).toEqual([first, second]);
  });

  it("of a stroke whose beginning was missed are left out", () => {
    const author = new LiveWire();
    author.encode({ ...stroke, index: 0, points: [1, 1, 1] });
    const { kind, payload } = author.encode({ ...stroke, index: 1, points: [1, 1, 1] });
    expect(new LiveWire().decode(page, 5, kind, payload)).toBeNull();
  });

  it("of all other kinds come through as they went in", () => {
    const wire = new LiveWire();
    const ids = ["shape-one", "shape-two"] as ShapeId[];
    for (const message of [
      { kind: "pointer", x: -3.25, y: 800 },
      { kind: "laser", x: 0, y: 1 },
      { kind: "gone" },
      { kind: "view", x: -10, y: 0, width: 1600, height: 900 },
      { kind: "held", ids },
      { kind: "drag", dx: 4.5, dy: -2, ids },
    ] as const) {
      const { kind, payload } = wire.encode(message);
      expect(wire.decode(page, 5, kind, payload)).toEqual(message);
    }
  });
});

describe("text messages", () => {
  it("that break the contract are passed over", () => {
    for (const data of ["", "[]", "{}", '{"type":"novel"}', '{"type":"turn","page":"x"}'])
      expect(parseMessage(data)).toBeNull();
  });

  it("know that the class looks elsewhere", () => {
    expect(parseMessage('{"type":"turn","page":null,"by":"Marva"}')).toEqual({
      type: "turn",
      page: null,
      by: "Marva",
    });
  });
});
