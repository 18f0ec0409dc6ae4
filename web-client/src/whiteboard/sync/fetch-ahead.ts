/** Fetches pages and slides before they are needed, one at a time, and only while nothing else needs the link. */

import { boardsInOrder, copiesOf, pagesInOrder } from "./board-changes.ts";
import type { BoardState } from "./board-state.ts";
import type { Page, PageNumber } from "./board-vocabulary.ts";
import type { Clock } from "./clock.ts";

export interface AheadPorts {
  readonly clock: Clock;
  state(): BoardState;
  /** The link is good and nothing waits to be sent. */
  calm(): boolean;
  /** Opens the page, waits until it is whole, keeps it and closes it. False = not now. */
  fetchPage(page: PageNumber, signal: AbortSignal): Promise<boolean>;
  fetchSlide(file: string, page: number, signal: AbortSignal): Promise<boolean>;
}

const PAUSE_MS = 250;
const AGAIN_MS = 5_000;
/** More than a class looks at; the rest comes when it is opened. */
const PAGES_MOST = 300;
/** What cannot be had so often waits until it is looked at: it must not hold up the rest. */
const FAILURES_MOST = 3;

export class FetchAhead {
  readonly #ports: AheadPorts;
  readonly #done = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #abort = new AbortController();
  #busy = false;
  #stop: () => void = () => {};

  constructor(ports: AheadPorts) {
    this.#ports = ports;
  }

  /** Something changed: is there anything to fetch? */
  wake(): void {
    if (this.#busy || this.#abort.signal.aborted) return;
    this.#later(PAUSE_MS);
  }

  close(): void {
    this.#stop();
    this.#abort.abort();
  }

  #later(ms: number): void {
    this.#stop();
    this.#stop = this.#ports.clock.later(() => void this.#step(), ms);
  }

  async #step(): Promise<void> {
    if (this.#busy || this.#abort.signal.aborted) return;
    if (!this.#ports.calm()) {
      this.#later(AGAIN_MS);
      return;
    }
    const next = this.#next();
    if (!next) return;
    this.#busy = true;
    const { signal } = this.#abort;
    const { page, part } = next;
    const fetched =
      part === "page"
        ? await this.#ports.fetchPage(page.number, signal)
        : page.slide === null || (await this.#ports.fetchSlide(page.slide.file, page.slide.page, signal));
    this.#busy = false;
    if (signal.aborted) return;
    const name = nameOf(page, part);
    if (fetched) this.#done.add(name);
    else this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1);
    this.#later(fetched ? PAUSE_MS : AGAIN_MS);
  }

  #next(): { readonly page: Page; readonly part: "page" | "slide" } | null {
    for (const page of inOrderOfUse(this.#ports.state()).slice(0, PAGES_MOST)) {
      if (page.slide && this.#wants(page, "slide")) return { page, part: "slide" };
      if (page.shapes > 0 && this.#wants(page, "page")) return { page, part: "page" };
    }
    return null;
  }

  #wants(page: Page, part: "page" | "slide"): boolean {
    const name = nameOf(page, part);
    return !this.#done.has(name) && (this.#failures.get(name) ?? 0) < FAILURES_MOST;
  }
}

/** The page of the class first, then what follows it on its board, then the rest. */
export function inOrderOfUse(state: BoardState): readonly Page[] {
  const pages = boardsInOrder(state).flatMap((board) => [...pagesInOrder(state, board.id)]);
  const at = pages.findIndex(({ number }) => number === state.turn.page);
  const sorted = at > 0 ? [...pages.slice(at), ...pages.slice(0, at)] : pages;
  const mine = state.you?.person;
  // A private copy is as near as the page it is of, but only the own one.
  return sorted.flatMap((page) => [
    page,
    ...copiesOf(state, page.number).filter(({ owner }) => owner === mine),
  ]);
}

function nameOf(page: Page, part: "page" | "slide"): string {
  return part === "slide" && page.slide
    ? `slide/${page.slide.file}/${page.slide.page}`
    : `page/${page.number}/${page.epoch}`;
}
