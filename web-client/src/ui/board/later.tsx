/** Parts of the board that are fetched when they are opened, or when nothing else needs the link. */
import { type ComponentType, useEffect, useState } from "react";
import { useWords } from "./board-context.ts";
import { Slow } from "./slow.tsx";

export interface Later<Props> {
  (props: Props): React.ReactNode;
  /** Fetches the part before it is needed. Resolves always. */
  fetch(): Promise<void>;
}

/** A chunk that does not come over a bad link is asked for until it is there. */
const AGAIN_MS = 3_000;

export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): Later<Props> {
  let part: ComponentType<Props> | null = null;
  const fetch = () =>
    load().then(
      (loaded) => {
        part = loaded;
      },
      () => {},
    );
  function Part(props: Props) {
    const [, setReady] = useState(part !== null);
    useEffect(() => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let current = true;
      const look = () => {
        if (!current) return;
        if (part) setReady(true);
        else timer = setTimeout(() => void fetch().then(look), AGAIN_MS);
      };
      if (!part) void fetch().then(look);
      return () => {
        current = false;
        clearTimeout(timer);
      };
    }, []);
    const Known = part;
    return Known ? <Known {...props} /> : <Pending />;
  }
  return Object.assign(Part, { fetch });
}

function Pending() {
  const words = useWords();
  return <Slow words={words("board.part_loading")} />;
}
