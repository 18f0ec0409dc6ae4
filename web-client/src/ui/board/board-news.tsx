/** Reads out what others did to the page that is looked at: it was turned, locked, opened. The last of a quick row counts. */
import { useEffect, useRef, useState } from "react";
import type { Page } from "../../whiteboard/sync/board-vocabulary.ts";
import { Hidden } from "../kit/hidden.tsx";
import { useBoardParts } from "./board-context.ts";
import { neighboursOf } from "./current-page.ts";

/** Somebody who leafs through the pages, or a lock that is set and lifted, is told of once. */
const CALM_MS = 900;

interface Known {
  readonly number: number;
  readonly writes: boolean;
}

export type News = "page_turned" | "locked_now" | "unlocked_now";

/** Null = nothing that needs to be said. The first page is said by the screen itself. */
export function newsOf(before: Known | null, now: Known): News | null {
  if (!before) return null;
  if (before.number !== now.number) return "page_turned";
  if (before.writes === now.writes) return null;
  return now.writes ? "unlocked_now" : "locked_now";
}

export function BoardNews({ page }: { readonly page: Page }) {
  const { face, words } = useBoardParts();
  const [said, setSaid] = useState("");
  const told = useRef<Known | null>(null);
  const latest = useRef(page);
  latest.current = page;
  const { number } = page;
  const writes = page.right !== "none";
  useEffect(() => {
    const say = () => {
      const now = { number, writes };
      const news = newsOf(told.current, now);
      told.current = now;
      if (!news) return;
      const { place, count } = neighboursOf(face.store.getState(), latest.current);
      setSaid(words(`say.${news}`, { page: place, pages: count }));
    };
    if (told.current === null) say();
    const timer = setTimeout(say, CALM_MS);
    return () => clearTimeout(timer);
  }, [face, words, number, writes]);
  return (
    <div role="status">
      <Hidden>{said}</Hidden>
    </div>
  );
}
