/** Whether the page is as narrow as a phone; the same border as in the style sheets. */
import { useSyncExternalStore } from "react";

const query = "(max-width: 640px)";

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => window.matchMedia(query).matches,
  );
}
