import { describe, expect, it } from "vitest";
import { idOf } from "../model/sample-shapes.ts";
import type { LiveMessage } from "../page-model.ts";
import { LiveOthers } from "./live-others.ts";

const ana = { actor: 7, name: "Ana", colour: "teal" };
const style = { stroke: 1, fill: 0, width: 6, opacity: 255 };
const stroke = idOf("stroke");
const ink = (index: number, points: number[]): LiveMessage => ({
  kind: "ink",
  id: stroke,
  index,
  style,
  flags: 2,
  points,
});

describe("what others are doing", () => {
  it("glides between two updates of a pointer", () => {
    const others = new LiveOthers();
    others.take(ana, { kind: "pointer", x: 0, y: 0 }, 0);
    others.take(ana, { kind: "pointer", x: 70, y: 0 }, 1000);
    expect(others.shown(1035)[0]?.pointer).toEqual({ x: 35, y: 0 });
    expect(others.advance(1035, 16)).toBe(true);
    expect(others.shown(1070)[0]?.pointer).toEqual({ x: 70, y: 0 });
    expect(others.advance(1080, 16)).toBe(false);
  });

  it("does not glide when motion is to be reduced", () => {
    const others = new LiveOthers();
    others.still = true;
    others.take(ana, { kind: "pointer", x: 0, y: 0 }, 0);
    others.take(ana, { kind: "pointer", x: 70, y: 0 }, 1000);
    expect(others.shown(1000)[0]?.pointer).toEqual({ x: 70, y: 0 });
  });

  it("puts a stroke together, shows it little by little, and drops it when the shape is there", () => {
    const others = new LiveOthers();
    others.take(ana, ink(0, [10, 10, 128, 5, 0, 128]), 0);
    others.take(ana, ink(2, [5, 5, 128]), 50);
    const [shown] = others.shown(50);
    expect(shown?.strokes[0]?.points).toEqual([10, 10, 128, 15, 10, 128, 20, 15, 128]);
    expect(others.advance(60, 16)).toBe(true);
    expect(shown?.strokes[0]?.shown).toBeGreaterThan(0);
    for (let now = 76; now < 400; now += 16) others.advance(now, 16);
    expect(others.shown(400)[0]?.strokes[0]?.shown).toBe(3);
    others.landed(stroke);
    expect(others.shown(400)[0]?.strokes).toEqual([]);
  });

  it("does not draw what follows a part that was lost", () => {
    const others = new LiveOthers();
    others.take(ana, ink(0, [10, 10, 128]), 0);
    others.take(ana, ink(5, [5, 5, 128]), 50);
    expect(others.shown(50)[0]?.strokes[0]?.points).toHaveLength(3);
    const late = new LiveOthers();
    late.take(ana, ink(3, [5, 5, 128]), 0);
    expect(late.shown(0)[0]?.strokes).toEqual([]);
  });

  it("fades the laser and forgets who is gone", () => {
    const others = new LiveOthers();
    others.take(ana, { kind: "laser", x: 1, y: 1 }, 0);
    expect(others.shown(450)[0]?.laser[0]?.age).toBeCloseTo(0.5);
    others.advance(1000, 16);
    expect(others.shown(1000)[0]?.laser).toEqual([]);
    others.forget(7);
    expect(others.shown(1000)).toEqual([]);
  });

  it("knows who holds a shape and what is dragged", () => {
    const others = new LiveOthers();
    others.take(ana, { kind: "held", ids: [stroke] }, 0);
    others.take(ana, { kind: "drag", dx: 10, dy: 0, ids: [stroke] }, 0);
    expect(others.holder(stroke)).toBe("Ana");
    expect(others.dragged()).toEqual([stroke]);
    others.take(ana, { kind: "drag", dx: 0, dy: 0, ids: [] }, 10);
    others.take(ana, { kind: "held", ids: [] }, 10);
    expect([others.holder(stroke), others.dragged()]).toEqual(["", []]);
  });

  it("drops the stroke of somebody whose connection died", () => {
    const others = new LiveOthers();
    others.take(ana, ink(0, [10, 10, 128]), 0);
    others.advance(9000, 16);
    expect(others.shown(9000)[0]?.strokes).toEqual([]);
  });
});
