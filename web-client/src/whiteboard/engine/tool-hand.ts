/** The tool in hand: what pointers do with it, and how the cursor tells. */
import type { ToolName } from "../board-engine.ts";
import type { PageModel } from "../page-model.ts";
import { rubberRadius } from "../tools/eraser-tool.ts";
import type { Gesture, Press, Sample, ToolHost } from "../tools/tool.ts";
import { CURSORS, TOOL_TABLE } from "../tools/tool-table.ts";
import type { BoardCore } from "./board-core.ts";
import { BoardInput } from "./board-input.ts";
import type { TextDesk } from "./text-desk.ts";

interface HandCore extends BoardCore, ToolHost {
  readonly page: PageModel | null;
  readonly text: TextDesk;
  readonly scene: BoardCore["scene"];
  readonly style: BoardCore["style"];
  readonly selection: BoardCore["selection"];
  readonly setter: BoardCore["setter"];
  commit: BoardCore["commit"];
  refuse: BoardCore["refuse"];
}

export class ToolHand {
  readonly #core: HandCore;
  readonly #input: BoardInput;
  #tool: ToolName = "pen";

  constructor(core: HandCore) {
    this.#core = core;
    this.#input = new BoardInput(core.view, {
      pans: () => this.#tool === "hand" || (this.#tool !== "laser" && core.locked),
      begin: (press, erase) => this.#begin(press, erase),
      hover: (at) => this.#hover(at),
      onPan: () => this.#saysWhy(),
      onLook: () => core.driver.lookedAround(),
    });
  }

  get tool(): ToolName {
    return this.#tool;
  }

  get selects(): boolean {
    return this.#tool === "select" || this.#tool === "lasso";
  }

  get drawing(): boolean {
    return this.#input.drawing;
  }

  take(tool: ToolName): void {
    this.#tool = tool;
  }

  cancel(): void {
    this.#input.cancel();
  }

  finish(): void {
    this.#input.finish();
  }

  destroy(): void {
    this.#input.destroy();
  }

  showCursor(): void {
    const locked = this.#core.locked && this.#tool !== "laser";
    this.#core.view.element.style.cursor = locked ? "grab" : CURSORS[this.#tool];
  }

  #begin(press: Press, erase: boolean): Gesture | null {
    if (!this.#core.view.scene) return null;
    if (this.#core.text.id !== null) {
      this.#core.text.close();
      return null;
    }
    const tool = erase ? "eraser" : this.#tool;
    if (tool === "hand") return null;
    if (tool !== "laser" && this.#core.refusedByLock()) return null;
    return TOOL_TABLE[tool](this.#core, press);
  }

  /** Whoever wanted to draw and moves the page instead is told why. */
  #saysWhy(): void {
    if (this.#core.locked && this.#core.page && !["hand", "select", "lasso"].includes(this.#tool))
      this.#core.refuse("locked");
  }

  #hover(at: Sample | null): void {
    if (!this.#core.view.scene) return;
    const erasing = this.#tool === "eraser" && !this.#core.locked;
    this.#core.view.show({
      rubber: at && erasing ? { x: at.x, y: at.y, radius: rubberRadius(this.#core) } : null,
    });
    if (at) this.#core.live.put({ kind: "pointer", x: at.x, y: at.y });
    else this.#core.live.put({ kind: "gone" });
  }
}
