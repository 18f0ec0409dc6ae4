import { describe, expect, it } from "vitest";
import { newsOf } from "./board-news.tsx";

const page = (number: number, writes = true) => ({ number, writes });

describe("what is read out of a page", () => {
  it("is nothing when the board is first shown", () => {
    expect(newsOf(null, page(1))).toBeNull();
  });

  it("is a turn of the page, whatever the right there is", () => {
    expect(newsOf(page(1), page(2, false))).toBe("page_turned");
  });

  it("is a lock and its end on the same page", () => {
    expect(newsOf(page(1), page(1, false))).toBe("locked_now");
    expect(newsOf(page(1, false), page(1))).toBe("unlocked_now");
  });

  it("is nothing when a lock was lifted before it was told", () => {
    expect(newsOf(page(1), page(1))).toBeNull();
  });
});
