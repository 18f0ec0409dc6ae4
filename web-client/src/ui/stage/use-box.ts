/** The inner size of an element in CSS pixels, followed while it changes. */
import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import type { Box } from "./grid.ts";

export function useBox<Kind extends HTMLElement>(): readonly [RefObject<Kind | null>, Box] {
  const element = useRef<Kind>(null);
  const [box, setBox] = useState<Box>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const watched = element.current;
    if (!watched) return;
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      setBox((before) => (before.width === width && before.height === height ? before : { width, height }));
    });
    observer.observe(watched);
    return () => observer.disconnect();
  }, []);
  return [element, box];
}
