import { describe, expect, it } from "vitest";
import { restacked, type Where } from "./restack.ts";
import { idOf } from "./sample-shapes.ts";
import { keysBetween } from "./z-order.ts";

const names = ["a", "b", "c", "d", "e"];
const ids = names.map(idOf);
const keys = new Map(ids.map((id, index) => [id, keysBetween(null, null, 5)[index] ?? ""]));

function after(selected: string, where: Where): string {
  const moving = new Set([...selected].map(idOf));
  const changed = restacked(ids, (id) => keys.get(id) ?? "", moving, where);
  const key = (id: (typeof ids)[number]) => changed.get(id) ?? keys.get(id) ?? "";
  return [...ids]
    .sort((x, y) => (key(x) < key(y) ? -1 : 1))
    .map((id) => id[0])
    .join("");
}

describe("the order of shapes", () => {
  it.each([
    ["b", "front", "acdeb"],
    ["d", "back", "dabce"],
    ["b", "forward", "acbde"],
    ["d", "backward", "abdce"],
    ["bd", "front", "acebd"],
    ["bc", "forward", "adbce"],
    ["bd", "backward", "bdace"],
  ] as const)("moves %s to the %s: %s", (selected, where, order) => {
    expect(after(selected, where)).toBe(order);
  });

  it("changes nothing for shapes that are there already", () => {
    const keyOf = (id: (typeof ids)[number]) => keys.get(id) ?? "";
    expect(restacked(ids, keyOf, new Set([idOf("e")]), "front").size).toBe(0);
    expect(restacked(ids, keyOf, new Set([idOf("a")]), "backward").size).toBe(0);
    expect(restacked(ids, keyOf, new Set(ids), "front").size).toBe(0);
  });
});
