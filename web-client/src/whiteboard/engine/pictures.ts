/** Slides and images as bitmaps of a fitting width; asks for larger ones when one zooms in. */
import type { PictureSource } from "../board-engine.ts";

const SLIDE_WIDTHS = [480, 1280, 2560, 5120] as const;
const IMAGE_WIDTHS = [480, 1280, 2560] as const;
/** A picture may be stretched by this before the next larger one is worth its bytes. */
const STRETCH = 1.15;

interface Kept {
  bitmap: ImageBitmap | null;
  width: number;
  asking: number;
  abort: AbortController | null;
}

export class Pictures {
  readonly #source: PictureSource | null;
  readonly #onCome: (key: string) => void;
  readonly #kept = new Map<string, Kept>();

  constructor(source: PictureSource | null, onCome: (key: string) => void) {
    this.#source = source;
    this.#onCome = onCome;
  }

  slide(file: string, page: number, widthPx: number): ImageBitmap | null {
    const source = this.#source;
    return this.#get(`slide:${file}:${page}`, fitting(SLIDE_WIDTHS, widthPx), (width, signal) =>
      source?.slide(file, page, width, signal),
    );
  }

  image(file: string, widthPx: number): ImageBitmap | null {
    const source = this.#source;
    return this.#get(`image:${file}`, fitting(IMAGE_WIDTHS, widthPx), (width, signal) =>
      source?.image(file, width, signal),
    );
  }

  /** Another page is shown: its pictures take the place of these. */
  clear(): void {
    for (const kept of this.#kept.values()) {
      kept.abort?.abort();
      kept.bitmap?.close();
    }
    this.#kept.clear();
  }

  #get(
    key: string,
    width: number,
    load: (width: number, signal: AbortSignal) => Promise<ImageBitmap> | undefined,
  ): ImageBitmap | null {
    let kept = this.#kept.get(key);
    if (!kept) {
      kept = { bitmap: null, width: 0, asking: 0, abort: null };
      this.#kept.set(key, kept);
    }
    if (width > kept.width && width > kept.asking) this.#ask(key, kept, width, load);
    return kept.bitmap;
  }

  #ask(
    key: string,
    kept: Kept,
    width: number,
    load: (width: number, signal: AbortSignal) => Promise<ImageBitmap> | undefined,
  ): void {
    kept.abort?.abort();
    const abort = new AbortController();
    kept.abort = abort;
    kept.asking = width;
    load(width, abort.signal)?.then(
      (bitmap) => {
        if (abort.signal.aborted) {
          bitmap.close();
          return;
        }
        kept.bitmap?.close();
        kept.bitmap = bitmap;
        kept.width = width;
        this.#onCome(key);
      },
      () => {
        // What there is stays; the next zoom asks again.
        if (kept.abort === abort) kept.asking = 0;
      },
    );
  }
}

function fitting(widths: readonly number[], wantedPx: number): number {
  return widths.find((width) => width * STRETCH >= wantedPx) ?? widths.at(-1) ?? 0;
}
