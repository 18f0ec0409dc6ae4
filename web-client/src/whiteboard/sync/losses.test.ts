/** Bugs that lost or hid what somebody drew, each under its name. */
import { beforeEach, describe, expect, it } from "vitest";
import { History } from "../model/history.ts";
import type { ShapeId } from "../model/shape.ts";
import { blobAt, clientOf, FakeHub, FakeLocks, HandClock, PAGE, settle } from "./fake-hub.ts";
import type { Keeper } from "./keeper.ts";
import { MemoryKeeper } from "./memory-keeper.ts";

let hub: FakeHub;
let clock: HandClock;
let locks: FakeLocks;

beforeEach(() => {
  hub = new FakeHub();
  clock = new HandClock();
  locks = new FakeLocks();
});

const change = (id: string, x = 0) => [{ id: id as ShapeId, blob: blobAt(x) }];

async function enter(keeper: Keeper = new MemoryKeeper(), claims = locks.tab()) {
  const client = clientOf(hub, "ana", keeper, claims, clock);
  await settle();
  const { model, release } = client.hold(PAGE);
  await settle();
  return { client, model, release, keeper, claims };
}

/** A browser whose disk is full: what is there can be read, nothing more can be kept. */
class FullKeeper extends MemoryKeeper {
  override readonly lasting = true;

  override addUpdate(): Promise<number> {
    return Promise.reject(new DOMException("no room", "QuotaExceededError"));
  }
}

describe("nothing is lost", () => {
  it("when the disk is full: changes are sent, and the person is told that only the tab has them", async () => {
    const ana = await enter(new FullKeeper());
    expect(ana.client.store.getState().keeps).toBe(true);
    ana.model.apply(change("on-a-full-disk"), "draw");
    await settle();
    expect(hub.shapes()).toEqual(["on-a-full-disk"]);
    expect(ana.client.store.getState()).toMatchObject({ keeps: false, waiting: 0 });
  });

  it("when the page of an orphaned queue is gone: it is handed back, and waits no longer", async () => {
    const ana = await enter();
    hub.acknowledging = false;
    hub.reachable = false;
    hub.cut();
    ana.model.apply(change("for-a-lost-page"), "draw");
    await settle();
    hub.gone = true;
    hub.reachable = true;
    await clock.push(20_000);
    const { waiting, ghosts } = ana.client.store.getState();
    expect(waiting).toBe(0);
    expect(ghosts).toMatchObject([{ code: "gone", changes: [{ shape: "for-a-lost-page" }] }]);
  });

  it("when the right comes while the answer that lacks it is on its way", async () => {
    hub.right = "none";
    const client = clientOf(hub, "ana", new MemoryKeeper(), locks.tab(), clock);
    await settle();
    const { model } = client.hold(PAGE);
    hub.afterOpen = () => hub.setRight("all");
    await settle();
    await clock.push(2_000);
    expect(model.right).toBe("all");
    model.apply(change("with-the-new-right"), "draw");
    await settle();
    expect(hub.shapes()).toEqual(["with-the-new-right"]);
  });
});

describe("undo after the document was replaced", () => {
  it("goes on over an epoch roll: what is still as it was left can be taken back", async () => {
    const ana = await enter();
    const history = new History(ana.model);
    history.do(change("first", 1), "draw");
    history.do(change("second", 2), "draw");
    await settle();
    hub.roll();
    await settle();
    expect(history.undo()).toEqual(["second"]);
    expect(history.undo()).toEqual(["first"]);
    await settle();
    expect(hub.shapes()).toEqual([]);
    expect(history.redo()).toEqual(["first"]);
    await settle();
    expect(hub.shapes()).toEqual(["first"]);
  });

  it("passes over what was refused, and takes back what was stored before it", async () => {
    const ana = await enter();
    const history = new History(ana.model);
    history.do(change("stored", 1), "draw");
    await settle();
    hub.refuseNext("not_owner");
    history.do(change("refused", 2), "draw");
    await settle();
    await clock.push(3_000);
    expect(ana.client.store.getState().ghosts).toHaveLength(1);
    expect(history.undo()).toEqual(["stored"]);
    await settle();
    expect(hub.shapes()).toEqual([]);
    expect(history.canUndo).toBe(false);
  });
});
