/** Tells the session which tiles can be seen and how large they are, so that the server sends no more than that. */
import type { ParticipantId, TileView } from "../../protocol/vocabulary.ts";

export interface TileKey {
  readonly participant: ParticipantId;
  readonly source: "camera" | "screen";
  /** Smaller is more important: the stage is 0. */
  readonly rank: number;
}

interface Seen {
  readonly key: TileKey;
  width: number;
  height: number;
  visible: boolean;
}

/** Four reports a second are enough for a layer switch and stay far below the server's limit. */
const INTERVAL_MS = 250;

export class ViewReporter {
  readonly #tiles = new Map<Element, Seen>();
  readonly #report: (tiles: readonly TileView[]) => void;
  readonly #sizes: ResizeObserver;
  readonly #sight: IntersectionObserver;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #last = "[]";
  #hidden = false;

  constructor(report: (tiles: readonly TileView[]) => void) {
    this.#report = report;
    this.#sizes = new ResizeObserver((entries) => {
      for (const entry of entries) this.#sized(entry.target, entry.contentRect);
    });
    this.#sight = new IntersectionObserver((entries) => {
      for (const entry of entries) this.#sighted(entry.target, entry.isIntersecting);
    });
  }

  watch(element: Element, key: TileKey): () => void {
    this.#tiles.set(element, { key, width: 0, height: 0, visible: true });
    this.#sizes.observe(element);
    this.#sight.observe(element);
    this.#schedule();
    return () => {
      this.#tiles.delete(element);
      this.#sizes.unobserve(element);
      this.#sight.unobserve(element);
      this.#schedule();
    };
  }

  /** A page in the background shows nothing, so nothing is sent to it but sound. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#schedule();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#sizes.disconnect();
    this.#sight.disconnect();
    this.#tiles.clear();
  }

  #sized(target: Element, { width, height }: { readonly width: number; readonly height: number }): void {
    const tile = this.#tiles.get(target);
    if (!tile) return;
    tile.width = width;
    tile.height = height;
    this.#schedule();
  }

  #sighted(target: Element, visible: boolean): void {
    const tile = this.#tiles.get(target);
    if (!tile) return;
    tile.visible = visible;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#send();
    }, INTERVAL_MS);
  }

  #send(): void {
    const tiles = this.#hidden ? [] : viewOf([...this.#tiles.values()], globalThis.devicePixelRatio || 1);
    const text = JSON.stringify(tiles);
    if (text === this.#last) return;
    this.#last = text;
    this.#report(tiles);
  }
}

/** The wire's `view`: visible tiles in device pixels, most important first. */
export function viewOf(tiles: readonly Seen[], pixelRatio: number): readonly TileView[] {
  return tiles
    .filter((tile) => tile.visible && tile.width >= 1 && tile.height >= 1)
    .sort((a, b) => a.key.rank - b.key.rank)
    .map(({ key, width, height }) => ({
      participant: key.participant,
      source: key.source,
      width: Math.round(width * pixelRatio),
      height: Math.round(height * pixelRatio),
    }));
}
