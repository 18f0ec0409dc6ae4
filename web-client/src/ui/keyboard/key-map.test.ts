import { expect, test } from "vitest";
import { commandFor, type Key, type KeyContext, keyHelp } from "./key-map.ts";

const free: KeyContext = { enabled: true, typing: false, onControl: false, inOverlay: false };

function key(name: string, change: Partial<Key> = {}): Key {
  return { key: name, code: "", ctrlKey: false, altKey: false, metaKey: false, ...change };
}

test("each key of the map runs its command", () => {
  const names = ["m", "v", "h", "s", "p", "f", "?", " ", "Escape"].map(
    (name) => commandFor(key(name), free)?.name,
  );
  expect(names).toEqual(["mic", "camera", "hand", "share", "people", "follow", "help", "talk", "back"]);
  expect(commandFor(key("9"), free)).toEqual({ name: "focus_tile", index: 8 });
  expect(commandFor(key("0"), free)).toBeNull();
});

test("the help lists as many keys as the map knows", () => {
  expect(keyHelp).toHaveLength(11);
});

test("capital letters count, so that Caps Lock does not silence the keys", () => {
  expect(commandFor(key("M"), free)).toEqual({ name: "mic" });
});

test("nothing runs while text is typed or a dialog is open", () => {
  for (const name of ["m", " ", "?", "1", "Escape"]) {
    expect(commandFor(key(name), { ...free, typing: true })).toBeNull();
    expect(commandFor(key(name), { ...free, inOverlay: true })).toBeNull();
  }
});

test("space belongs to a button that has the focus, letters do not", () => {
  expect(commandFor(key(" "), { ...free, onControl: true })).toBeNull();
  expect(commandFor(key("m"), { ...free, onControl: true })).toEqual({ name: "mic" });
});

test("with the switch off only Escape is left", () => {
  const off = { ...free, enabled: false };
  expect(commandFor(key("m"), off)).toBeNull();
  expect(commandFor(key(" "), off)).toBeNull();
  expect(commandFor(key("?"), off)).toBeNull();
  expect(commandFor(key("Escape"), off)).toEqual({ name: "back" });
});

test("combined keys stay with the browser", () => {
  expect(commandFor(key("p", { ctrlKey: true }), free)).toBeNull();
  expect(commandFor(key("m", { metaKey: true }), free)).toBeNull();
  expect(commandFor(key("h", { altKey: true }), free)).toBeNull();
});

test("on a keyboard without Latin letters the place of the key counts, on AZERTY the letter does", () => {
  expect(commandFor(key("ь", { code: "KeyM" }), free)).toEqual({ name: "mic" });
  expect(commandFor(key("q", { code: "KeyM" }), free)).toBeNull();
});
