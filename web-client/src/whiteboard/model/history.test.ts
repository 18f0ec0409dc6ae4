import { describe, expect, it } from "vitest";
import { MemoryPage } from "../memory-page.ts";
import { History } from "./history.ts";
import { bytesOf, idOf, inkThrough } from "./sample-shapes.ts";

const first = bytesOf(inkThrough([0, 0], [10, 0]));
const second = bytesOf(inkThrough([0, 5], [10, 5]));
const theirs = bytesOf(inkThrough([90, 90], [99, 99]));
const a = idOf("a");
const b = idOf("b");

function begun() {
  const page = new MemoryPage();
  return { page, history: new History(page), blob: (id = a) => page.shapes.get(id)?.blob ?? null };
}

describe("undo", () => {
  it("takes back and brings back, one step of several shapes at a time", () => {
    const { history, blob } = begun();
    history.do(
      [
        { id: a, blob: first },
        { id: b, blob: second },
      ],
      "draw",
    );
    history.do([{ id: a, blob: null }], "delete");
    expect(history.undo()).toEqual([a]);
    expect(blob()).toEqual(first);
    expect(history.undo()).toEqual([a, b]);
    expect(blob(b)).toBeNull();
    expect(history.canUndo).toBe(false);
    history.redo();
    history.redo();
    expect([blob(a), blob(b)]).toEqual([null, second]);
    expect(history.canRedo).toBe(false);
  });

  it("never touches what somebody else changed later", () => {
    const { page, history, blob } = begun();
    history.do([{ id: a, blob: first }], "draw");
    history.do([{ id: a, blob: second }], "move");
    page.elsewhere([{ id: a, blob: theirs }], "Ana");
    expect(history.canUndo).toBe(false);
    expect(history.undo()).toEqual([]);
    expect(blob()).toEqual(theirs);
  });

  it("does the part of a step that is still this person's", () => {
    const { page, history, blob } = begun();
    history.do(
      [
        { id: a, blob: first },
        { id: b, blob: first },
      ],
      "draw",
    );
    page.elsewhere([{ id: a, blob: theirs }], "Ana");
    expect(history.undo()).toEqual([b]);
    expect([blob(a), blob(b)]).toEqual([theirs, null]);
    expect(history.redo()).toEqual([b]);
    expect(blob(a)).toEqual(theirs);
  });

  it("goes past a step that somebody else has overwritten altogether", () => {
    const { page, history, blob } = begun();
    history.do([{ id: b, blob: second }], "draw");
    history.do([{ id: a, blob: first }], "draw");
    page.elsewhere([{ id: a, blob: null }], "Ana");
    expect(history.undo()).toEqual([b]);
    expect(blob(b)).toBeNull();
  });

  it("forgets what was undone when something new is done", () => {
    const { history } = begun();
    history.do([{ id: a, blob: first }], "draw");
    history.undo();
    history.do([{ id: b, blob: second }], "draw");
    expect(history.canRedo).toBe(false);
    expect(history.redo()).toEqual([]);
  });

  it("does nothing on a page that was locked", () => {
    const { page, history, blob } = begun();
    history.do([{ id: a, blob: first }], "draw");
    page.setRight("none");
    expect(history.canUndo).toBe(false);
    expect(history.undo()).toEqual([]);
    expect(blob()).toEqual(first);
    page.setRight("all");
    expect(history.undo()).toEqual([a]);
  });
});
