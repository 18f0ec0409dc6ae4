import { expect, test } from "vitest";
import { createPreferences, defaultPreferences, parsePreferences } from "./preferences.ts";

test("a choice is there again after a reload", () => {
  const kept = new Map<string, string>();
  const keeper = {
    get: (name: string) => kept.get(name) ?? null,
    set: (name: string, value: string) => void kept.set(name, value),
  };
  createPreferences(keeper).setState({ name: "Ana", theme: "dark", devices: { mic: "usb" } });
  expect(createPreferences(keeper).getState()).toMatchObject({
    name: "Ana",
    theme: "dark",
    devices: { mic: "usb" },
  });
});

test("whatever stands in storage, the page starts", () => {
  for (const text of [null, "", "{", "null", "[]", '"x"', "7"])
    expect(parsePreferences(text)).toEqual(defaultPreferences);
  expect(
    parsePreferences('{"name":5,"theme":"pink","keys":"no","devices":{"mic":1,"camera":"c"},"mic":false}'),
  ).toEqual({ ...defaultPreferences, mic: false, devices: { camera: "c" } });
});

test("a name from storage is no longer than the server allows", () => {
  expect(parsePreferences(JSON.stringify({ name: "x".repeat(500) })).name).toHaveLength(64);
});
