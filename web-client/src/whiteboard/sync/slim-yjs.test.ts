import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";

/** As its authors made it; `Y` is what the page ships (vite.config.ts). */
const whole: typeof Y = createRequire(import.meta.url)("yjs");

const updatesOf = (doc: Y.Doc): Uint8Array[] => {
  const updates: Uint8Array[] = [];
  doc.on("update", (update) => updates.push(update));
  return updates;
};
const shapesOf = (doc: Y.Doc) => Object.fromEntries(doc.getMap<Uint8Array>("e").entries());

function written(): { doc: Y.Doc; updates: Uint8Array[] } {
  const doc = new whole.Doc();
  const updates = updatesOf(doc);
  const map = doc.getMap<Uint8Array>("e");
  for (let at = 0; at < 12; at++) map.set(`shape-${at % 5}`, Uint8Array.of(at));
  map.delete("shape-2");
  map.set("shape-2", Uint8Array.of(99));
  map.delete("shape-3");
  return { doc, updates };
}

describe("the Yjs that is shipped", () => {
  it("is not the whole one", () => {
    expect(Y.Doc).not.toBe(whole.Doc);
    expect(() => new Y.Doc().getText("t")).not.toThrow();
    expect(new Y.Doc().getText("t")).toBeUndefined();
  });

  it("keeps what came before its time, in any order, and ends with the same shapes", () => {
    const { doc, updates } = written();
    for (const order of [updates, [...updates].reverse(), [...updates.slice(5), ...updates.slice(0, 5)]]) {
      const slim = new Y.Doc();
      for (const update of order) Y.applyUpdate(slim, update);
      expect(shapesOf(slim)).toEqual(shapesOf(doc));
    }
  });

  it("hands on what is pending, so that a copy of a copy lacks nothing", () => {
    const { doc, updates } = written();
    const slim = new Y.Doc();
    for (const update of updates.slice(3)) Y.applyUpdate(slim, update);
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(slim));
    for (const update of updates.slice(0, 3)) Y.applyUpdate(copy, update);
    expect(shapesOf(copy)).toEqual(shapesOf(doc));
  });

  it("writes what the whole one reads, and knows by the vector what that lacks", () => {
    const { doc } = written();
    const slim = new Y.Doc();
    Y.applyUpdate(slim, whole.encodeStateAsUpdate(doc));
    slim.getMap("e").set("shape-0", Uint8Array.of(7));
    slim.getMap("e").delete("shape-1");
    whole.applyUpdate(doc, Y.encodeStateAsUpdate(slim, whole.encodeStateVector(doc)));
    expect(shapesOf(doc)).toEqual(shapesOf(slim));
    expect(Y.encodeStateVector(slim)).toEqual(whole.encodeStateVector(doc));
  });

  it("refuses an update with a text in it, and stays whole", () => {
    const doc = new whole.Doc();
    doc.getText("e").insert(0, "not a shape");
    const slim = new Y.Doc();
    expect(() => Y.applyUpdate(slim, whole.encodeStateAsUpdate(doc))).toThrow("not a shape");
    expect(() => slim.getMap("e").set("shape", "words")).toThrow("not a shape");
    slim.getMap("e").set("shape", Uint8Array.of(1));
    expect(shapesOf(slim)).toEqual({ shape: Uint8Array.of(1) });
  });
});
