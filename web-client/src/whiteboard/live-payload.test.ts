import { describe, expect, it } from "vitest";
import { decodeLiveMessage, encodeLiveMessage } from "./live-payload.ts";
import type { ShapeId } from "./model/shape.ts";
import type { LiveMessage } from "./page-model.ts";

const id = "shape_0001" as ShapeId;
const messages: LiveMessage[] = [
  { kind: "pointer", x: 12.25, y: -3 },
  { kind: "laser", x: 0, y: 899.75 },
  { kind: "gone" },
  {
    kind: "ink",
    id,
    index: 12,
    style: { stroke: 3, fill: 0, width: 6, opacity: 255 },
    flags: 0,
    points: [1.25, -2, 128, 0, 4.5, 255],
  },
  { kind: "view", x: -40, y: 10, width: 1600, height: 900 },
  { kind: "held", ids: [id] },
  { kind: "drag", dx: -12.5, dy: 8, ids: [id, "shape_0002" as ShapeId] },
];

describe("live payloads", () => {
  it.each(messages)("carry $kind", (message) => {
    const { kind, payload } = encodeLiveMessage(message);
    expect(decodeLiveMessage(kind, payload)).toEqual(message);
  });

  it("keep a chunk of four points small, for that is what goes out most", () => {
    const points = [2, 1, 130, 2.5, 1.25, 140, 3, 1, 141, 2, 2, 150];
    const message = { ...(messages[3] as LiveMessage & { kind: "ink" }), points };
    expect(encodeLiveMessage(message).payload.length).toBeLessThanOrEqual(30);
  });

  it("are refused when broken or of a kind to come", () => {
    expect(decodeLiveMessage(99, new Uint8Array([1, 2]))).toBeNull();
    expect(decodeLiveMessage(1, new Uint8Array([1]))).toBeNull();
    expect(decodeLiveMessage(6, new Uint8Array([3, 97, 97, 97]))).toBeNull();
    expect(decodeLiveMessage(4, new Uint8Array([200]))).toBeNull();
  });
});
