import { describe, expect, it } from "vitest";
import { commandFor } from "./board-keys.ts";

const press = (key: string, held = "") => ({
  key,
  shift: held.includes("shift"),
  alt: held.includes("alt"),
  ctrl: held.includes("ctrl"),
});

describe("the board's keys", () => {
  it("move the selection by arrows: further with Shift, finely with Alt", () => {
    expect(commandFor(press("ArrowRight"), true)).toEqual({ do: "move", dx: 8, dy: 0 });
    expect(commandFor(press("ArrowUp", "shift"), true)).toEqual({ do: "move", dx: 0, dy: -40 });
    expect(commandFor(press("ArrowLeft", "alt"), true)).toEqual({ do: "move", dx: -1, dy: 0 });
    expect(commandFor(press("ArrowDown", "ctrl"), true)).toEqual({ do: "resize", dx: 0, dy: 8 });
  });

  it("move the view when nothing is selected", () => {
    expect(commandFor(press("ArrowRight"), false)).toEqual({ do: "pan", dx: -80, dy: 0 });
  });

  it("undo, redo, order and turn", () => {
    expect(commandFor(press("z", "ctrl"), false)).toEqual({ do: "undo" });
    expect(commandFor(press("Z", "ctrl shift"), false)).toEqual({ do: "redo" });
    expect(commandFor(press("]", "ctrl"), true)).toEqual({ do: "forward" });
    expect(commandFor(press("}", "ctrl shift"), true)).toEqual({ do: "front" });
    expect(commandFor(press(">", "shift"), true)).toEqual({ do: "turn", degrees: 15 });
  });

  it("leave the room's keys, Tab and the browser's to them", () => {
    for (const key of ["m", "v", "h", "?", " ", "Tab", "1", "F5"])
      expect(commandFor(press(key), true)).toBeNull();
    expect(commandFor(press("c", "ctrl"), true)).toBeNull();
    expect(commandFor(press("+", "ctrl"), true)).toBeNull();
    expect(commandFor(press(">", "shift"), false)).toBeNull();
  });
});
