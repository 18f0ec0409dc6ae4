import { expect, it } from "vitest";
import type { ShapeId } from "../model/shape.ts";
import type { LiveMessage } from "../page-model.ts";
import type { PageNumber } from "./board-vocabulary.ts";
import { HandClock } from "./fake-hub.ts";
import { LiveSender } from "./live-sender.ts";

const page = 1 as PageNumber;

function setUp() {
  const clock = new HandClock();
  const sent: LiveMessage[] = [];
  const socket = { buffered: 0 };
  const sender = new LiveSender({
    clock,
    buffered: () => socket.buffered,
    send: (_page, message) => sent.push(message),
  });
  return { clock, sent, socket, sender };
}

it("sends a pointer ten times a second, and its last place always", async () => {
  const { clock, sent, sender } = setUp();
  for (let step = 0; step < 100; step++) {
    sender.send(page, { kind: "pointer", x: step, y: 0 });
    await clock.push(10);
  }
  await clock.push(200);
  expect(sent.length).toBeGreaterThanOrEqual(10);
  expect(sent.length).toBeLessThanOrEqual(12);
  expect(sent.at(-1)).toEqual({ kind: "pointer", x: 99, y: 0 });
});

it("never holds ink back behind pointers", () => {
  const { sent, sender } = setUp();
  const ink: LiveMessage = {
    kind: "ink",
    id: "stroke-one" as ShapeId,
    index: 0,
    style: { stroke: 1, fill: 0, width: 4, opacity: 255 },
    flags: 0,
    points: [0, 0, 128],
  };
  sender.send(page, ink);
  sender.send(page, { ...ink, index: 1 });
  expect(sent).toHaveLength(2);
});

it("drops what passes by when the socket is full", () => {
  const { sent, socket, sender } = setUp();
  socket.buffered = 100_000;
  sender.send(page, { kind: "laser", x: 1, y: 1 });
  expect(sent).toEqual([]);
});
