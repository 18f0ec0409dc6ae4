/** The board's engine as the user interface has it: every call goes to the part that knows how. */
import { listShapes, type ShapeEntry } from "../a11y/shape-list.ts";
import type {
  BoardEngine,
  BoardEvents,
  BoardState,
  PictureSource,
  ToolName,
  ToolStyle,
} from "../board-engine.ts";
import type { Where } from "../model/restack.ts";
import type { ShapeId } from "../model/shape.ts";
import type { LiveActor, LiveMessage, PageInfo, PageModel } from "../page-model.ts";
import { BoardMiddle } from "./board-middle.ts";
import type { BoardView } from "./board-view.ts";
import { CopyDesk } from "./copy-desk.ts";
import { KeyDesk } from "./key-desk.ts";

export interface BoardWords {
  /** Names of the canvas and of the field in which text is typed, for screen readers. */
  readonly board: string;
  readonly text: string;
}

export class CanvasBoard implements BoardEngine {
  readonly #middle: BoardMiddle;
  readonly #copies: CopyDesk;
  readonly #off = new AbortController();

  constructor(container: HTMLElement, events: BoardEvents, source: PictureSource | null, words: BoardWords) {
    this.#middle = new BoardMiddle(container, events, source, words.text);
    this.#copies = new CopyDesk(this.#middle, () => this.deleteSelected());
    this.#prepareElement(words.board);
  }

  get view(): BoardView {
    return this.#middle.view;
  }

  get state(): BoardState {
    return this.#middle.state;
  }

  setPage(page: PageModel | null, info: PageInfo | null): void {
    this.#middle.setPage(page, info);
  }

  setTool(tool: ToolName): void {
    this.#middle.setTool(tool);
  }

  setStyle(change: Partial<ToolStyle>): void {
    this.#middle.setStyle(change);
  }

  undo(): void {
    this.#middle.turnBack("undo");
  }

  redo(): void {
    this.#middle.turnBack("redo");
  }

  deleteSelected(): void {
    this.#middle.commands.remove();
  }

  duplicateSelected(): void {
    this.#copies.duplicate();
  }

  copy(cut: boolean): Promise<void> {
    return this.#copies.copy(cut);
  }

  paste(): Promise<void> {
    return this.#copies.paste();
  }

  order(where: Where): void {
    this.#middle.commands.order(where);
  }

  selectAll(): void {
    this.#middle.commands.selectAll();
  }

  select(ids: readonly ShapeId[]): void {
    this.#middle.select(ids);
  }

  show(id: ShapeId): void {
    this.#middle.show(id);
  }

  edit(id: ShapeId): void {
    this.#middle.edit(id);
  }

  create(tool: ToolName): void {
    this.#middle.commands.create(tool);
  }

  addImage(file: string, width: number, height: number, alternative: string, x?: number, y?: number): void {
    this.#middle.commands.addImage(file, width, height, alternative, x, y);
  }

  zoomBy(factor: number): void {
    this.#middle.driver.zoomBy(factor);
  }

  zoomTo(zoom: number): void {
    this.#middle.driver.zoomBy(zoom / this.#middle.zoom);
  }

  zoomToFit(): void {
    this.#middle.driver.fit();
  }

  zoomToSelection(): void {
    const box = this.view.scene?.boundsOfAll(this.#middle.selection);
    if (box && this.#middle.selection.length > 0) this.#middle.driver.fitTo(box);
  }

  follow(actor: number | null): void {
    this.#middle.driver.follow(actor);
    this.#middle.publish();
  }

  setGrid(snap: boolean): void {
    this.#middle.snaps = snap;
  }

  showLive(from: LiveActor, message: LiveMessage): void {
    if (message.kind === "view") this.#middle.driver.othersView(from.actor, message);
    else {
      this.view.others.take(from, message, performance.now());
      this.view.othersChanged();
    }
  }

  forget(actor: number): void {
    this.view.others.forget(actor);
    this.view.othersChanged();
  }

  entries(): readonly ShapeEntry[] {
    return this.view.scene ? listShapes(this.#middle.listed) : [];
  }

  importFile(text: string): Promise<number> {
    return this.#copies.importFile(text);
  }

  exportFile(): Promise<string> {
    return this.#copies.exportFile();
  }

  focus(): void {
    this.#middle.focus();
  }

  destroy(): void {
    this.#off.abort();
    this.#middle.destroy();
  }

  #prepareElement(name: string): void {
    const { element } = this.view;
    const options = { signal: this.#off.signal };
    element.tabIndex = 0;
    element.setAttribute("role", "application");
    element.setAttribute("aria-label", name);
    element.dataset.board = "";
    new KeyDesk(this.#middle, this).listen(this.#off.signal);
    this.#copies.listen(this.#off.signal);
    const motion = window.matchMedia("(prefers-reduced-motion: reduce)");
    const still = () => {
      this.view.others.still = motion.matches;
      this.#middle.driver.still = motion.matches;
    };
    motion.addEventListener("change", still, options);
    still();
  }
}
