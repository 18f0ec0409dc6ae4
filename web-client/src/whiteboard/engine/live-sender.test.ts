import { describe, expect, it } from "vitest";
import { idOf } from "../model/sample-shapes.ts";
import type { LiveMessage } from "../page-model.ts";
import { LiveOthers } from "./live-others.ts";
import { LiveSender } from "./live-sender.ts";

const style = { stroke: 3, fill: 0, width: 6, opacity: 255 };

function listening() {
  const heard: LiveMessage[] = [];
  return { heard, sender: new LiveSender((message) => heard.push(message)) };
}

describe("what others are shown", () => {
  it("is the last place of a pointer, ten times a second", () => {
    const { heard, sender } = listening();
    for (let now = 0; now < 1000; now += 10) {
      sender.put({ kind: "pointer", x: now, y: 0 });
      sender.flush(now);
    }
    expect(heard).toHaveLength(10);
    sender.flush(2000);
    expect(heard.at(-1)).toEqual({ kind: "pointer", x: 990, y: 0 });
    expect(sender.flush(2001)).toBe(false);
  });

  it("is every point of a stroke once, so that receivers draw the same stroke", () => {
    const { heard, sender } = listening();
    const others = new LiveOthers();
    const points: number[] = [];
    for (let at = 0; at < 400; at++) {
      points.push(at * 1.25, 100 + Math.round(Math.sin(at) * 40) / 4, 128);
      sender.ink(idOf("stroke"), style, 2, points);
      sender.flush(at * 8);
    }
    while (sender.flush(10_000 + heard.length * 100));
    for (const message of heard) others.take({ actor: 1, name: "", colour: "" }, message, 0);
    expect(others.shown(0)[0]?.strokes[0]?.points).toEqual(points);
    expect(heard.length).toBeLessThan(80);
  });

  it("begins a new stroke from its first point", () => {
    const { heard, sender } = listening();
    sender.ink(idOf("one"), style, 2, [10, 10, 128]);
    sender.flush(0);
    sender.inkDone();
    sender.ink(idOf("two"), style, 2, [50, 50, 128]);
    sender.flush(100);
    expect(heard.map((message) => message.kind === "ink" && [message.index, ...message.points])).toEqual([
      [0, 10, 10, 128],
      [0, 50, 50, 128],
    ]);
  });

  it("says goodbye at once, and no stale place after it", () => {
    const { heard, sender } = listening();
    sender.put({ kind: "pointer", x: 1, y: 1 });
    sender.put({ kind: "gone" });
    sender.flush(0);
    expect(heard).toEqual([{ kind: "gone" }]);
  });
});
