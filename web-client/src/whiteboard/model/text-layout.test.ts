import { describe, expect, it } from "vitest";
import { evenSetter, sample } from "./sample-shapes.ts";
import { runsRightToLeft, wrap } from "./text-layout.ts";

/** As if every character were one wide. */
const lines = (text: string, width: number) =>
  wrap(text, width, (part) => [...part].length).map((line) => line.text);

describe("setting text", () => {
  it("breaks at spaces, and lets the space hang", () => {
    expect(lines("one two three", 7)).toEqual(["one two", "three"]);
    expect(lines("one   two", 4)).toEqual(["one", "two"]);
  });

  it("breaks after hyphens, and keeps new lines and empty ones", () => {
    expect(lines("well-known", 6)).toEqual(["well-", "known"]);
    expect(lines("a\n\nb", 9)).toEqual(["a", "", "b"]);
    expect(lines("", 9)).toEqual([""]);
  });

  it("breaks inside a word that is wider than the line, never inside a character", () => {
    expect(lines("abcdefgh", 3)).toEqual(["abc", "def", "gh"]);
    expect(lines("🇭🇹🇭🇹", 1)).toEqual(["🇭🇹", "🇭🇹"]);
    expect(lines("to electroencefalografista", 10)).toEqual(["to", "electroenc", "efalografi", "sta"]);
  });

  it("breaks between ideographs", () => {
    expect(lines("漢字かな", 2)).toEqual(["漢字", "かな"]);
  });

  it("takes a tab for four spaces", () => {
    expect(wrap("\ta", 9, (part) => part.length)[0]?.text).toBe("    a");
  });

  it("runs each paragraph as its first strong letter does", () => {
    expect(runsRightToLeft("123 (مرحبا) hello")).toBe(true);
    expect(runsRightToLeft("¿Qué? שלום")).toBe(false);
    expect(runsRightToLeft("42!")).toBe(false);
    const set = wrap("שלום\nhello", 99, (part) => part.length);
    expect(set.map(({ rtl }) => rtl)).toEqual([true, false]);
  });

  it("is as high as its lines, and makes a note's text smaller until it fits", () => {
    const text = sample({ type: "text", x: 0, y: 0, width: 50, angle: 0, size: 20, text: "one two" });
    expect(evenSetter.lay(text).height).toBe(50);
    const box = { x: 0, y: 0, width: 132, height: 82, angle: 0 };
    const note = sample({ type: "note", ...box, size: 40, text: "a long note that says too much" });
    const set = evenSetter.lay(note);
    expect(set.size).toBeLessThan(20);
    expect(set.height).toBeLessThanOrEqual(50);
    expect(evenSetter.lay(sample({ type: "note", ...box, size: 20, text: "short" })).size).toBe(20);
  });
});
