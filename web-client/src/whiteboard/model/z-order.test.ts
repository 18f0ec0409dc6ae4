import { describe, expect, it } from "vitest";
import { keyBetween, keysBetween } from "./z-order.ts";

describe("keys of order", () => {
  it("grow by a character only every quarter of a million shapes", () => {
    let key = keyBetween(null, null);
    for (let index = 0; index < 20_000; index++) {
      const next = keyBetween(key, null);
      expect(next > key).toBe(true);
      key = next;
    }
    expect(key).toHaveLength(4);
  });

  it("find room between neighbours, again and again, at either side", () => {
    for (const towards of ["low", "high"]) {
      let low = keyBetween(null, null);
      let high = keyBetween(low, null);
      for (let index = 0; index < 120; index++) {
        const key = keyBetween(low, high);
        expect(key > low && key < high, `${low} < ${key} < ${high}`).toBe(true);
        if (towards === "low") high = key;
        else low = key;
      }
    }
  });

  it("find room below the lowest and above a foreign highest", () => {
    expect(keyBetween(null, "V000") < "V000").toBe(true);
    expect(keyBetween("a0", null) > "a0").toBe(true);
    expect(keyBetween("zzzz", null) > "zzzz").toBe(true);
    const below = keyBetween(null, "1");
    expect(below < "1").toBe(true);
  });

  it("tie where there is nothing between, and never leave the wire's limits", () => {
    expect(keyBetween("a", "a0")).toBe("a");
    expect(keyBetween("b", "a") > "b").toBe(true);
    expect(keyBetween("z".repeat(32), null)).toMatch(/^[0-9A-Za-z]{1,32}$/);
  });

  it("come in ascending order when many are asked for", () => {
    const keys = keysBetween("V000", "V001", 40);
    expect([...keys].sort()).toEqual(keys);
    expect(new Set(keys).size).toBe(40);
    expect(keys.every((key) => key > "V000" && key < "V001")).toBe(true);
  });
});
