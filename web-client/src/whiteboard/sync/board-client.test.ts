import { beforeEach, describe, expect, it } from "vitest";
import type { ShapeId } from "../model/shape.ts";
import type { BoardClient } from "./board-client.ts";
import type { HeldPage } from "./board-face.ts";
import { blobAt, clientOf, FakeHub, FakeLocks, HandClock, PAGE, settle } from "./fake-hub.ts";
import { MemoryKeeper } from "./memory-keeper.ts";

let hub: FakeHub;
let clock: HandClock;
let locks: FakeLocks;

beforeEach(() => {
  hub = new FakeHub();
  clock = new HandClock();
  locks = new FakeLocks();
});

async function enter(
  person = "ana",
  keeper = new MemoryKeeper(),
  claims = locks.tab(),
): Promise<{ client: BoardClient; page: HeldPage; keeper: MemoryKeeper; claims: typeof claims }> {
  const client = clientOf(hub, person, keeper, claims, clock);
  await settle();
  const page = client.hold(PAGE);
  await settle();
  return { client, page, keeper, claims };
}

function draw({ page }: { page: HeldPage }, id: string, x = 0): void {
  page.model.apply([{ id: id as ShapeId, blob: blobAt(x) }], "draw");
}

const ids = ({ page }: { page: HeldPage }) => [...page.model.shapes.keys()].sort();
const waiting = ({ client }: { client: BoardClient }) => client.store.getState().waiting;

describe("a page between two people", () => {
  it("is the same for both, with the author's name", async () => {
    const ana = await enter("ana");
    const ben = await enter("ben");
    draw(ana, "shape-of-ana");
    draw(ben, "shape-of-ben");
    await settle();
    expect(ids(ana)).toEqual(["shape-of-ana", "shape-of-ben"]);
    expect(ids(ben)).toEqual(ids(ana));
    expect(ana.page.model.shapes.get("shape-of-ana" as ShapeId)).toMatchObject({ mine: true });
    expect(waiting(ana) + waiting(ben)).toBe(0);
  });

  it("tells one change as one change, at once, to who made it", async () => {
    const ana = await enter();
    const heard: string[] = [];
    ana.page.model.subscribe(({ by, ids: touched }) => heard.push(`${by} ${touched.join(" ")}`));
    draw(ana, "shape-one");
    expect(heard).toEqual(["here shape-one"]);
  });

  it("splits a large paste into updates that the gate lets in", async () => {
    const ana = await enter();
    const many = Array.from({ length: 300 }, (_unused, index) => ({
      id: `pasted-${String(index).padStart(4, "0")}` as ShapeId,
      blob: blobAt(index),
    }));
    ana.page.model.apply(many, "paste");
    await settle();
    expect(hub.log).toHaveLength(3);
    expect(hub.shapes()).toHaveLength(300);
  });
});

describe("a link that breaks", () => {
  it("lets drawing go on, and sends everything once and in order when it is back", async () => {
    const ana = await enter();
    hub.reachable = false;
    hub.cut();
    for (let index = 0; index < 5; index++) draw(ana, `offline-${index}`);
    await settle();
    expect(waiting(ana)).toBe(5);
    expect(hub.log).toHaveLength(0);
    hub.reachable = true;
    await clock.push(20_000);
    expect(hub.shapes()).toEqual(ids(ana));
    expect(hub.log).toHaveLength(5);
    expect(waiting(ana)).toBe(0);
  });

  it("sends again what was not acknowledged, and the hub counts it once", async () => {
    const ana = await enter();
    hub.acknowledging = false;
    draw(ana, "unheard-1");
    await settle();
    expect(hub.log).toHaveLength(1);
    hub.cut();
    hub.acknowledging = true;
    await clock.push(5_000);
    expect(hub.log).toHaveLength(1);
    expect(waiting(ana)).toBe(0);
  });

  it("waits longer and longer between attempts, and comes at once when asked", async () => {
    const ana = await enter();
    hub.reachable = false;
    hub.cut();
    await clock.push(2_000);
    expect(ana.client.store.getState()).toMatchObject({ link: "waiting" });
    expect(ana.client.store.getState().attempt).toBeGreaterThan(2);
    hub.reachable = true;
    ana.client.retry();
    await settle();
    expect(ana.client.store.getState().link).toBe("open");
  });

  it("does not come back with a token that is no longer good", async () => {
    const ana = await enter();
    hub.cut(4001);
    await clock.push(120_000);
    expect(ana.client.store.getState().link).toBe("refused");
  });

  it("gives up a socket on which nothing is heard", async () => {
    const ana = await enter();
    hub.acknowledging = false;
    draw(ana, "into-nothing");
    await settle();
    const hellos = hub.said.filter(({ type }) => type === "hello").length;
    await clock.push(45_000);
    expect(hub.said.filter(({ type }) => type === "hello").length).toBeGreaterThan(hellos);
  });

  it("connects anew when it missed a change of the list of pages", async () => {
    const ana = await enter();
    hub.tell({ type: "pages", version: 9, pages: [], gone: [] });
    await clock.push(3_000);
    expect(hub.said.filter(({ type }) => type === "hello")).toHaveLength(2);
    expect(ana.client.store.getState().link).toBe("open");
  });
});

describe("a change that is refused", () => {
  it("becomes a ghost with its reason, which can be offered again", async () => {
    const ana = await enter();
    hub.right = "none";
    draw(ana, "too-late");
    await settle();
    expect(hub.shapes()).toEqual([]);
    const [ghost] = ana.client.store.getState().ghosts;
    expect(ghost).toMatchObject({ page: PAGE, code: "locked" });
    expect(ana.page.model.shapes.get("too-late" as ShapeId)?.ghost).toBe("locked");
    hub.setRight("all");
    await settle();
    ana.client.offerGhost(ghost?.id ?? "");
    await settle();
    expect(hub.shapes()).toEqual(["too-late"]);
    expect(ana.client.store.getState().ghosts).toEqual([]);
    expect(ana.page.model.shapes.get("too-late" as ShapeId)?.ghost).toBeUndefined();
  });

  it("a line that was in hand when the page was locked becomes a ghost, too, and reaches nobody", async () => {
    const ana = await enter();
    hub.setRight("none");
    await settle();
    ana.page.model.setAside([{ id: "in-hand" as ShapeId, blob: blobAt(0) }]);
    expect(hub.shapes()).toEqual([]);
    expect(ana.client.store.getState().ghosts).toMatchObject([{ page: PAGE, code: "locked" }]);
    expect(ana.page.model.shapes.get("in-hand" as ShapeId)?.ghost).toBe("locked");
  });

  it("is gone when it is discarded, also after a reload", async () => {
    const ana = await enter();
    hub.right = "none";
    draw(ana, "never-mind");
    await settle();
    ana.client.dropGhost(ana.client.store.getState().ghosts[0]?.id ?? "");
    expect(ids(ana)).toEqual([]);
    ana.claims.crash();
    const again = await enter("ana", ana.keeper);
    expect(again.client.store.getState().ghosts).toEqual([]);
  });

  it("takes nothing with it that was good: what built on it is done again", async () => {
    const ana = await enter();
    hub.acknowledging = false;
    hub.reachable = false;
    hub.cut();
    draw(ana, "shape-a");
    draw(ana, "shape-b");
    hub.reachable = true;
    hub.acknowledging = true;
    await clock.push(5_000);
    expect(hub.shapes()).toEqual(["shape-a", "shape-b"]);
    hub.tell({ type: "nack", page: PAGE, n: 1, code: "invalid" });
    await settle();
    expect(ana.client.store.getState().ghosts).toEqual([]);
  });

  it("cannot be drawn on while the page is locked", async () => {
    const ana = await enter();
    hub.setRight("none");
    await settle();
    expect(ana.page.model.right).toBe("none");
    draw(ana, "not-at-all");
    await settle();
    expect(ids(ana)).toEqual([]);
    hub.setRight("all");
    await settle();
    draw(ana, "now-again");
    await settle();
    expect(hub.shapes()).toEqual(["now-again"]);
  });
});

describe("a page that is rewritten under a new epoch", () => {
  it("keeps what was drawn meanwhile", async () => {
    const ana = await enter();
    draw(ana, "before-it");
    await settle();
    hub.reachable = false;
    hub.cut();
    draw(ana, "meanwhile");
    hub.roll();
    hub.reachable = true;
    await clock.push(5_000);
    expect(hub.shapes()).toEqual(["before-it", "meanwhile"]);
    expect(ids(ana)).toEqual(hub.shapes());
    expect(waiting(ana)).toBe(0);
  });

  it("is followed while the link is good", async () => {
    const ana = await enter();
    draw(ana, "shape-one");
    await settle();
    hub.roll();
    await settle();
    draw(ana, "shape-two");
    await settle();
    expect(hub.shapes()).toEqual(["shape-one", "shape-two"]);
    expect(ids(ana)).toEqual(hub.shapes());
  });
});

describe("a tab that ends", () => {
  it("finds its unsent changes after a crash and sends them once", async () => {
    const ana = await enter();
    draw(ana, "sent-before");
    await settle();
    hub.reachable = false;
    hub.cut();
    draw(ana, "unsent-1");
    draw(ana, "unsent-2");
    await settle();
    ana.claims.crash();
    hub.reachable = true;
    const again = await enter("ana", ana.keeper);
    await settle();
    expect(hub.shapes()).toEqual(["sent-before", "unsent-1", "unsent-2"]);
    expect(ids(again)).toEqual(hub.shapes());
    expect(hub.log).toHaveLength(3);
    draw(again, "after-it");
    await settle();
    expect(hub.shapes()).toContain("after-it");
    expect(again.client.store.getState().ghosts).toEqual([]);
  });

  it("leaves alone what a living second tab has not sent", async () => {
    const first = await enter();
    hub.reachable = false;
    hub.cut();
    draw(first, "of-the-first");
    await settle();
    hub.reachable = true;
    const second = await enter("ana", first.keeper);
    expect(ids(second)).toEqual([]);
    draw(second, "of-second");
    await clock.push(5_000);
    expect(hub.shapes()).toEqual(["of-second", "of-the-first"]);
    expect(ids(first)).toEqual(ids(second));
    expect(hub.log).toHaveLength(2);
  });

  it("has its queue taken over by a tab of the same person, even when nobody opens the page", async () => {
    const first = await enter();
    hub.reachable = false;
    hub.cut();
    draw(first, "left-behind");
    await settle();
    first.claims.crash();
    hub.reachable = true;
    clientOf(hub, "ana", first.keeper, locks.tab(), clock);
    await settle();
    expect(hub.shapes()).toEqual(["left-behind"]);
  });

  it("does not hand its changes to another person", async () => {
    const ana = await enter("ana");
    hub.reachable = false;
    hub.cut();
    draw(ana, "only-anas");
    await settle();
    ana.claims.crash();
    ana.client.close();
    hub.reachable = true;
    await enter("ben", ana.keeper);
    await clock.push(1_000);
    expect(hub.shapes()).toEqual([]);
  });
});
