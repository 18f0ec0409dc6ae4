import { expect, it } from "vitest";
import type { ShapeId } from "../model/shape.ts";
import { blobAt, clientOf, FakeHub, FakeLocks, HandClock, PAGE, settle } from "./fake-hub.ts";
import { MemoryKeeper } from "./memory-keeper.ts";

const STEPS = 200;

/** Mulberry32: the same run for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

it.each([1, 2, 3, 4, 5, 6])(
  "three people, cut links and rewritten pages end with one page (seed %d)",
  async (seed) => {
    const random = randomOf(seed);
    const hub = new FakeHub();
    const clock = new HandClock();
    const locks = new FakeLocks();
    const seats = await Promise.all(
      ["ana", "ben", "cleo"].map(async (name) => {
        const client = clientOf(hub, name, new MemoryKeeper(), locks.tab(), clock);
        await settle();
        return { client, model: client.hold(PAGE).model };
      }),
    );
    await settle();
    for (let step = 0; step < STEPS; step++) {
      const seat = seats[Math.floor(random() * seats.length)];
      const known = [...(seat?.model.shapes.keys() ?? [])];
      const some = known[Math.floor(random() * known.length)];
      const dice = random();
      if (dice < 0.45 || !some)
        seat?.model.apply([{ id: `shape-${seed}-${step}` as ShapeId, blob: blobAt(step) }], "draw");
      else if (dice < 0.7) seat?.model.apply([{ id: some, blob: blobAt(-step) }], "move");
      else if (dice < 0.85) seat?.model.apply([{ id: some, blob: null }], "delete");
      else if (dice < 0.92) hub.cut();
      else if (dice < 0.94) hub.roll();
      else await clock.push(random() * 900);
      if (random() < 0.5) await settle();
    }
    await clock.push(60_000);
    const pageOf = (model: (typeof seats)[number]["model"]) =>
      [...model.shapes]
        .map(([id, { blob: value }]) => [id, [...value]] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1));
    const expected = hub.shapes();
    expect(expected.length).toBeGreaterThan(5);
    for (const { client, model } of seats) {
      expect(pageOf(model).map(([id]) => id)).toEqual(expected);
      expect(pageOf(model)).toEqual(pageOf(seats[0]?.model ?? model));
      expect(client.store.getState()).toMatchObject({ waiting: 0, ghosts: [] });
    }
  },
);
