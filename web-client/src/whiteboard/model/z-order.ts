/** Fractional indexes: a key between any two keys, so that one shape moves without touching another. */
import type { ShapeId } from "./shape.ts";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;
const LONGEST = 32;
/** Room for 62³ shapes on top before a key grows by a character. */
const ROOM = 3;

/** A key above `low` and below `high` by code unit; null = no bound. Two equal or swapped bounds give a key above `low`. */
export function keyBetween(low: string | null, high: string | null): string {
  if (high !== null && low !== null && !(low < high)) return keyBetween(low, null);
  const key = (high === null ? above(low ?? "") : middle(low ?? "", high)).slice(0, LONGEST);
  // Between "a" and "a0" there is nothing: a tie with `low` then goes by id.
  return low !== null && (key < low || (high !== null && key >= high)) ? low : key;
}

/** `count` ascending keys between two bounds. */
export function keysBetween(low: string | null, high: string | null, count: number): string[] {
  const keys: string[] = [];
  let last = low;
  for (let index = 0; index < count; index++) {
    last = keyBetween(last, high);
    keys.push(last);
  }
  return keys;
}

/** Lower first; ties by id, so that every client paints alike. */
export function compareZ(a: { z: string; id: ShapeId }, b: { z: string; id: ShapeId }): number {
  if (a.z !== b.z) return a.z < b.z ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Counts upwards in the last of at least ROOM + 1 digits, so that a page of many strokes has short keys. */
function above(low: string): string {
  if (low === "") return `V${DIGITS[0]?.repeat(ROOM)}`;
  const digits = [...low.padEnd(ROOM + 1, "0")];
  for (let at = digits.length - 1; at >= 0; at--) {
    const value = DIGITS.indexOf(digits[at] ?? "0");
    if (value < BASE - 1) {
      digits[at] = DIGITS[value + 1] ?? "z";
      return digits.join("");
    }
    digits[at] = "0";
  }
  return `${low}V`;
}

function middle(low: string, high: string): string {
  let prefix = "";
  for (let at = 0; at < LONGEST; at++) {
    const from = at < low.length ? DIGITS.indexOf(low[at] ?? "0") : 0;
    const to = high === "" ? BASE : at < high.length ? DIGITS.indexOf(high[at] ?? "0") : 0;
    if (to - from > 1) return prefix + DIGITS[Math.floor((from + to) / 2)];
    prefix += DIGITS[from];
    if (to - from === 1) return prefix + aboveTail(low.slice(at + 1));
    if (to < from) return prefix;
  }
  return `${low}V`;
}

/** The shortest tail above `tail`. */
function aboveTail(tail: string): string {
  let prefix = "";
  for (const digit of tail) {
    const value = DIGITS.indexOf(digit);
    if (value < BASE - 1) return prefix + DIGITS[Math.ceil((value + BASE) / 2)];
    prefix += digit;
  }
  return `${prefix}V`;
}
