/** Whether more is to be found before or behind what a scrolling row shows. */
import { type RefObject, useEffect, useState } from "react";

export interface Overflow {
  readonly before: boolean;
  readonly behind: boolean;
}

const NONE: Overflow = { before: false, behind: false };
/** Browsers round scroll positions. */
const SLACK_PX = 2;

export function useOverflow(row: RefObject<HTMLElement | null>): Overflow {
  const [overflow, setOverflow] = useState(NONE);
  useEffect(() => {
    const watched = row.current;
    if (!watched) return;
    const look = () => {
      // From right to left the positions count downwards from zero.
      const at = Math.abs(watched.scrollLeft);
      const before = at > SLACK_PX;
      const behind = at + watched.clientWidth < watched.scrollWidth - SLACK_PX;
      setOverflow((known) =>
        known.before === before && known.behind === behind ? known : { before, behind },
      );
    };
    const observer = new ResizeObserver(look);
    observer.observe(watched);
    for (const child of watched.children) observer.observe(child);
    watched.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      watched.removeEventListener("scroll", look);
    };
  }, [row]);
  return overflow;
}
