/** Slides and images for the engine: from a bounded cache in the browser, else from the server. */
import type { PictureSource } from "../board-engine.ts";
import type { BoardFiles } from "./board-files.ts";

/** What the server makes (docs/protocol.md section 3.5). */
const SLIDE_WIDTHS = [480, 1280, 2560, 5120] as const;
const IMAGE_WIDTHS = [480, 1280, 2560] as const;
/** Fetched ahead of class: sharp on a phone and on most laptops. */
export const AHEAD_WIDTH = 1280;

/** Where pictures are kept beyond the life of the page. */
export interface PictureStore {
  get(path: string): Promise<Blob | null>;
  put(path: string, picture: Blob): Promise<void>;
}

export class BoardPictures implements PictureSource {
  readonly #files: BoardFiles;
  readonly #store: PictureStore;

  constructor(files: BoardFiles, store: PictureStore) {
    this.#files = files;
    this.#store = store;
  }

  slide(file: string, page: number, width: number, signal: AbortSignal): Promise<ImageBitmap> {
    return this.#bitmap(slidePath(file, page, width), signal);
  }

  image(file: string, width: number, signal: AbortSignal): Promise<ImageBitmap> {
    return this.#bitmap(
      `/api/board/images/${encodeURIComponent(file)}/${stepFor(width, IMAGE_WIDTHS)}.webp`,
      signal,
    );
  }

  /** False = it could not be fetched now. */
  async fetchAhead(file: string, page: number, signal: AbortSignal): Promise<boolean> {
    return (await this.#blob(slidePath(file, page, AHEAD_WIDTH), signal)) !== null;
  }

  async #bitmap(path: string, signal: AbortSignal): Promise<ImageBitmap> {
    const blob = await this.#blob(path, signal);
    if (!blob) throw new DOMException("the picture is not to be had now", "NetworkError");
    return createImageBitmap(blob);
  }

  async #blob(path: string, signal: AbortSignal): Promise<Blob | null> {
    const kept = await this.#store.get(path).catch(() => null);
    if (kept) return kept;
    const fetched = await this.#files.picture(path, signal);
    if (!fetched.ok) return null;
    // A full disk costs only a second fetch.
    await this.#store.put(path, fetched.value).catch(() => {});
    return fetched.value;
  }
}

export function slidePath(file: string, page: number, width: number): string {
  return `/api/board/slides/${encodeURIComponent(file)}/${page}/${stepFor(width, SLIDE_WIDTHS)}.webp`;
}

/** The smallest that is sharp at this many device pixels. */
export function stepFor(width: number, steps: readonly number[]): number {
  return steps.find((step) => step >= width * 0.9) ?? steps.at(-1) ?? width;
}

const CACHE = "muster-board-pictures";
/** About 40 MB of slides at 1280 pixels. */
const PICTURES_KEPT = 400;

/** The browser's cache: pictures are immutable, so the oldest simply go first. */
export class CachedPictures implements PictureStore {
  readonly #caches: CacheStorage;

  constructor(caches: CacheStorage) {
    this.#caches = caches;
  }

  async get(path: string): Promise<Blob | null> {
    const found = await (await this.#caches.open(CACHE)).match(path);
    return found ? found.blob() : null;
  }

  async put(path: string, picture: Blob): Promise<void> {
    const cache = await this.#caches.open(CACHE);
    const headers = { "Content-Type": picture.type || "image/webp" };
    await cache.put(path, new Response(picture, { headers }));
    const keys = await cache.keys();
    for (const old of keys.slice(0, Math.max(0, keys.length - PICTURES_KEPT))) await cache.delete(old);
  }
}

/** Where there is no cache (an insecure address, a blocked frame): the last few, for the life of the page. */
export class RememberedPictures implements PictureStore {
  readonly #most: number;
  readonly #pictures = new Map<string, Blob>();

  constructor(most = 40) {
    this.#most = most;
  }

  async get(path: string): Promise<Blob | null> {
    return this.#pictures.get(path) ?? null;
  }

  async put(path: string, picture: Blob): Promise<void> {
    this.#pictures.set(path, picture);
    for (const old of this.#pictures.keys()) {
      if (this.#pictures.size <= this.#most) return;
      this.#pictures.delete(old);
    }
  }
}
