/** Copy, cut, paste, duplicate, drop, import and export. */
import { toExcalidraw } from "../model/excalidraw-out.ts";
import type { Shape } from "../model/shape.ts";
import { MAX_TEXT_CHARS } from "../model/shape-codec.ts";
import { keysBetween } from "../model/z-order.ts";
import { newText, TEXT_WIDTH } from "../tools/place-tool.ts";
import { selectedShapes } from "../tools/selection.ts";
import { copied, pasted } from "./board-clipboard.ts";
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
    const text = this.#take(cut);
    // Without the system's clipboard a copy still works within this page.
    if (text !== null) await navigator.clipboard?.writeText(text).catch(() => {});
  }

  async paste(): Promise<void> {
    this.#put(await (navigator.clipboard?.readText().catch(() => "") ?? ""));
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
  importFile(text: string): number {
    const found = pasted(text);
    if (!this.#core.view.scene || found?.kind !== "shapes") return 0;
    return this.#insert(found.shapes, { dx: 0, dy: 0 }, "pasted");
  }

  exportFile(): string {
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
      if (files.length === 0) this.#put(event.clipboardData?.getData("text/plain") ?? "");
      else if (!core.refusedByLock()) core.events.onFiles(files, core.middle.x, core.middle.y);
      return;
    }
    const text = this.#take(event.type === "cut");
    if (text !== null) event.clipboardData?.setData("text/plain", text);
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

  #take(cut: boolean): string | null {
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

  #put(text: string): void {
    const core = this.#core;
    const found = pasted(text);
    if (!found || core.refusedByLock()) return;
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
