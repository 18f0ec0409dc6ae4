/** Copy, cut, paste, duplicate, drop, import and export. */
import type { Shape } from "../model/shape.ts";
import { MAX_TEXT_CHARS } from "../model/shape-codec.ts";
import { keysBetween } from "../model/z-order.ts";
import { newText, TEXT_WIDTH } from "../tools/place-tool.ts";
import { selectedShapes } from "../tools/selection.ts";
import { copied, drawings, pasted } from "./board-clipboard.ts";
import type { BoardCore } from "./board-core.ts";
import { COPY_OFFSET, copiesOf } from "./selection-changes.ts";

const ASIDE = { dx: COPY_OFFSET, dy: COPY_OFFSET };

export class CopyDesk {
  readonly #core: BoardCore;
  readonly #remove: () => void;

  constructor(core: BoardCore, remove: () => void) {
    this.#core = core;
    this.#remove = remove;
  }

  /** Copy, cut and paste by the browser's own events, and files that are dropped. */
  listen(signal: AbortSignal): void {
    const { element } = this.#core.view;
    for (const type of ["copy", "cut", "paste"] as const)
      element.addEventListener(type, (event) => this.#clipboard(event), { signal });
    element.addEventListener("dragover", (event) => event.preventDefault(), { signal });
    element.addEventListener("drop", (event) => this.#drop(event), { signal });
  }

  async copy(cut: boolean): Promise<void> {
    await this.#write(this.#take(cut));
  }

  async paste(): Promise<void> {
    await this.#put(await (navigator.clipboard?.readText().catch(() => "") ?? ""));
  }

  duplicate(): void {
    const shapes = this.#core.view.scene ? selectedShapes(this.#core) : [];
    this.#insert(
      shapes.map(({ shape }) => shape),
      ASIDE,
      "duplicated",
    );
  }

  /** How many shapes came; 0 = it is no Excalidraw file, or the page is locked. */
  async importFile(text: string): Promise<number> {
    const found = await pasted(text);
    if (!this.#core.view.scene || found?.kind !== "shapes") return 0;
    return this.#insert(found.shapes, { dx: 0, dy: 0 }, "pasted");
  }

  async exportFile(): Promise<string> {
    const { toExcalidraw } = await drawings();
    const page = this.#core.view.scene?.page;
    const known = (page?.order ?? []).flatMap((id) => page?.shapes.get(id) ?? []);
    return toExcalidraw(
      known.filter(({ ghost }) => ghost === undefined),
      this.#core.setter,
    );
  }

  #clipboard(event: ClipboardEvent): void {
    const core = this.#core;
    if (event.target !== core.view.element || !core.view.scene) return;
    event.preventDefault();
    if (event.type === "paste") {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) void this.#put(event.clipboardData?.getData("text/plain") ?? "");
      else if (!core.refusedByLock()) core.events.onFiles(files, core.middle.x, core.middle.y);
      return;
    }
    const text = this.#take(event.type === "cut");
    if (typeof text === "string") event.clipboardData?.setData("text/plain", text);
    else void this.#write(text);
  }

  /** Without the system's clipboard, or without the codec, a copy still works within this page. */
  async #write(text: string | Promise<string> | null): Promise<void> {
    const words = await Promise.resolve(text).catch(() => null);
    if (words !== null) await navigator.clipboard?.writeText(words).catch(() => {});
  }

  #drop(event: DragEvent): void {
    event.preventDefault();
    const core = this.#core;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0 || core.refusedByLock()) return;
    const { left, top } = core.view.element.getBoundingClientRect();
    const at = core.view.camera.toPage(event.clientX - left, event.clientY - top);
    core.events.onFiles(files, at.x, at.y);
  }

  #take(cut: boolean): string | Promise<string> | null {
    const core = this.#core;
    const shapes = core.view.scene ? selectedShapes(core) : [];
    if (shapes.length === 0) {
      core.events.onAnnounce({ what: "nothing_selected" });
      return null;
    }
    const text = copied(shapes, core.setter);
    if (cut) this.#remove();
    else core.events.onAnnounce({ what: "copied", count: shapes.length });
    return text;
  }

  async #put(text: string): Promise<void> {
    const core = this.#core;
    // A drawing that cannot be read without a network is not pasted as its source.
    const found = await pasted(text).catch(() => null);
    if (!found || !core.view.scene || core.refusedByLock()) return;
    if (found.kind === "shapes") {
      this.#insert(found.shapes, ASIDE, "pasted");
      return;
    }
    const at = { x: core.middle.x - TEXT_WIDTH / 2, y: core.middle.y - core.style.textSize };
    const shape = newText(core.style, at, TEXT_WIDTH, core.topKey());
    const words = [...found.text].slice(0, MAX_TEXT_CHARS).join("");
    this.#insert([{ ...shape, text: words }], { dx: 0, dy: 0 }, "pasted");
  }

  #insert(shapes: readonly Shape[], by: { dx: number; dy: number }, what: "pasted" | "duplicated"): number {
    const core = this.#core;
    if (shapes.length === 0 || core.refusedByLock()) return 0;
    const keys = keysBetween(core.scene.topKey(), null, shapes.length);
    const copies = copiesOf(shapes, by, keys, () => core.newId());
    if (!core.commit(copies, "paste")) return 0;
    core.toSelect();
    core.select(copies.map(({ id }) => id));
    core.events.onAnnounce({ what, count: copies.length });
    return copies.length;
  }
}
