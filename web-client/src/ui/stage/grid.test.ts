import { expect, test } from "vitest";
import { clampPage, gridFor, MOST_TILES, pageCount, tilesPerPage } from "./grid.ts";

const laptop = { width: 1342, height: 610 };
const phone = { width: 344, height: 600 };

test("tiles never leave the box and never overlap, whatever their number and the box's shape", () => {
  for (let count = 1; count <= 12; count++)
    for (const box of [laptop, phone, { width: 300, height: 300 }, { width: 1900, height: 200 }]) {
      const { columns, rows, tile } = gridFor(count, box, 8);
      expect(columns * rows).toBeGreaterThanOrEqual(count);
      expect(columns * tile.width + (columns - 1) * 8).toBeLessThanOrEqual(box.width + 0.001);
      expect(rows * tile.height + (rows - 1) * 8).toBeLessThanOrEqual(box.height + 0.001);
    }
});

test("one tile on a laptop keeps the shape of a camera picture", () => {
  const { tile } = gridFor(1, laptop, 8);
  expect(tile.width / tile.height).toBeCloseTo(16 / 9);
});

test("two people sit side by side on a laptop and one above the other on a phone", () => {
  expect(gridFor(2, laptop, 8)).toMatchObject({ columns: 2, rows: 1 });
  expect(gridFor(2, phone, 8)).toMatchObject({ columns: 1, rows: 2 });
});

test("nine people fill three rows of three rather than leave a hole", () => {
  expect(gridFor(9, { width: 1342, height: 560 }, 8)).toMatchObject({ columns: 3, rows: 3 });
});

test("a laptop shows as many as there are slots, a low strip shows fewer", () => {
  expect(tilesPerPage(laptop, 8)).toBe(MOST_TILES);
  expect(tilesPerPage({ width: 320, height: 210 }, 8)).toBeLessThan(MOST_TILES);
});

test("a box without a size still has room for one tile", () => {
  expect(tilesPerPage({ width: 0, height: 0 }, 8)).toBe(1);
  expect(gridFor(3, { width: 0, height: 0 }, 8).tile).toEqual({ width: 0, height: 0 });
});

test("a page that has gone shows the last one that exists", () => {
  expect(clampPage(4, 20, 9)).toBe(2);
  expect(clampPage(-1, 20, 9)).toBe(0);
  expect(clampPage(3, 0, 9)).toBe(0);
  expect(pageCount(0, 9)).toBe(1);
});
