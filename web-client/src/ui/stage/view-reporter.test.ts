import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ParticipantId, TileView } from "../../protocol/vocabulary.ts";
import { ViewReporter } from "./view-reporter.ts";

type Callback = (entries: readonly object[]) => void;
const observers: { sizes?: Callback; sight?: Callback } = {};

class FakeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    "ResizeObserver",
    class extends FakeObserver {
      constructor(callback: Callback) {
        super();
        observers.sizes = callback;
      }
    },
  );
  vi.stubGlobal(
    "IntersectionObserver",
    class extends FakeObserver {
      constructor(callback: Callback) {
        super();
        observers.sight = callback;
      }
    },
  );
  vi.stubGlobal("devicePixelRatio", 2);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function setUp() {
  const reports: (readonly TileView[])[] = [];
  const reporter = new ViewReporter((tiles) => reports.push(tiles));
  const tile = (name: string, rank: number) => {
    const element = { name } as unknown as Element;
    const stop = reporter.watch(element, { participant: name as ParticipantId, source: "camera", rank });
    observers.sizes?.([{ target: element, contentRect: { width: 160.2, height: 90 } }]);
    return { element, stop };
  };
  return { reports, reporter, tile };
}

test("tiles are reported in device pixels, the most important first", () => {
  const { reports, tile } = setUp();
  tile("a", 3);
  tile("b", 1);
  vi.advanceTimersByTime(250);
  expect(reports).toEqual([
    [
      { participant: "b", source: "camera", width: 320, height: 180 },
      { participant: "a", source: "camera", width: 320, height: 180 },
    ],
  ]);
});

test("many changes make one report, and no change makes none", () => {
  const { reports, tile } = setUp();
  const { element } = tile("a", 1);
  for (let width = 100; width < 200; width++)
    observers.sizes?.([{ target: element, contentRect: { width, height: 90 } }]);
  vi.advanceTimersByTime(250);
  observers.sizes?.([{ target: element, contentRect: { width: 199, height: 90 } }]);
  vi.advanceTimersByTime(1000);
  expect(reports).toHaveLength(1);
});

test("what is scrolled away, removed or on a hidden page is left out", () => {
  const { reports, reporter, tile } = setUp();
  const a = tile("a", 1);
  const b = tile("b", 2);
  observers.sight?.([{ target: a.element, isIntersecting: false }]);
  vi.advanceTimersByTime(250);
  expect(reports.at(-1)?.map((view) => view.participant)).toEqual(["b"]);
  reporter.setHidden(true);
  vi.advanceTimersByTime(250);
  expect(reports.at(-1)).toEqual([]);
  reporter.setHidden(false);
  b.stop();
  vi.advanceTimersByTime(250);
  expect(reports).toHaveLength(2);
});
