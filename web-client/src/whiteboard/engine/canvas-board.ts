/** The board's engine: holds tool, style and selection, and turns gestures, keys and commands into changes of the page. */
import { type ListedPage, listShapes, type ShapeEntry } from "../a11y/shape-list.ts";
import type {
  BoardEngine,
  BoardEvents,
  BoardState,
  PictureSource,
  Refusal,
  ToolName,
  ToolStyle,
} from "../board-engine.ts";
import type { Point } from "../model/geometry.ts";
import { History } from "../model/history.ts";
import { restacked, type Where } from "../model/restack.ts";
import type { Shape, ShapeId } from "../model/shape.ts";
import { encodeShape } from "../model/shape-codec.ts";
import { restyled } from "../model/shape-edit.ts";
import { keyBetween } from "../model/z-order.ts";
import type { ChangeLabel, LiveActor, LiveMessage, PageChange, PageInfo, PageModel } from "../page-model.ts";
import { rubberRadius } from "../tools/eraser-tool.ts";
import { selectedShapes } from "../tools/selection.ts";
import type { Draft, Gesture, Press, Sample, ToolHost } from "../tools/tool.ts";
import { CURSORS, TOOL_TABLE } from "../tools/tool-table.ts";
import type { BoardCore } from "./board-core.ts";
import { BoardInput } from "./board-input.ts";
import { BoardView } from "./board-view.ts";
import { CameraDriver } from "./camera-driver.ts";
import { CopyDesk } from "./copy-desk.ts";
import { KeyDesk } from "./key-desk.ts";
import { LiveSender } from "./live-sender.ts";
import { imageAt, shapeAt } from "./made-shapes.ts";
import { Scene } from "./scene.ts";
import type { Changed } from "./selection-changes.ts";
import { TextDesk } from "./text-desk.ts";

export const FIRST_STYLE: ToolStyle = {
  stroke: 1,
  fill: 0,
  width: 6,
  opacity: 255,
  textSize: 28,
  bold: false,
  centred: false,
  dashed: false,
  stamp: 1,
  eraseWhole: false,
};
const GRID_STEP = 20;

export interface BoardWords {
  /** Names of the canvas and of the field in which text is typed, for screen readers. */
  readonly board: string;
  readonly text: string;
}

export class CanvasBoard implements BoardEngine, ToolHost, BoardCore {
  readonly view: BoardView;
  readonly live: LiveSender;
  readonly events: BoardEvents;
  readonly #input: BoardInput;
  readonly driver: CameraDriver;
  readonly #text: TextDesk;
  readonly #copies: CopyDesk;
  readonly #keys: KeyDesk;
  readonly #histories = new WeakMap<PageModel, History>();
  readonly #off = new AbortController();
  #page: PageModel | null = null;
  #leave: (() => void) | null = null;
  #tool: ToolName = "pen";
  #style = FIRST_STYLE;
  #selection: readonly ShapeId[] = [];
  #snaps = false;
  #state: BoardState;

  constructor(container: HTMLElement, events: BoardEvents, source: PictureSource | null, words: BoardWords) {
    this.events = events;
    this.live = new LiveSender((message) => events.onLive(message));
    this.view = new BoardView(container, source, {
      onFrame: (now) => {
        const waiting = this.live.flush(now);
        return this.driver.advance(now) || waiting;
      },
      onResize: () => this.#resized(),
    });
    this.driver = new CameraDriver(this.view, () => this.#cameraMoved());
    this.#input = new BoardInput(this.view, {
      pans: () => this.#tool === "hand" || (this.#tool !== "laser" && this.locked),
      begin: (press, erase) => this.#begin(press, erase),
      hover: (at) => this.#hover(at),
      onPan: () => this.#saysWhy(),
      onLook: () => this.driver.lookedAround(),
    });
    this.#text = new TextDesk(this, words.text);
    this.#copies = new CopyDesk(this, () => this.deleteSelected());
    this.#keys = new KeyDesk(this);
    this.#state = this.#makeState();
    this.#prepareElement(words.board);
  }

  get state(): BoardState {
    return this.#state;
  }

  get scene(): Scene {
    const { scene } = this.view;
    // Tools and commands run only while a page is shown.
    if (!scene) throw new Error("no page is shown");
    return scene;
  }

  get setter() {
    return this.view.setter;
  }

  get style(): ToolStyle {
    return this.#style;
  }

  get zoom(): number {
    return this.view.camera.zoom;
  }

  get selection(): readonly ShapeId[] {
    return this.#selection;
  }

  get tool(): ToolName {
    return this.#tool;
  }

  get locked(): boolean {
    return this.#page === null || this.#page.right === "none";
  }

  get drawing(): boolean {
    return this.#input.drawing;
  }

  get middle(): Point {
    const { width, height } = this.view.size;
    return this.view.camera.toPage(width / 2, height / 2);
  }

  get listed(): ListedPage {
    const { scene, info } = this.view;
    const page = this.#page;
    return {
      width: info?.width ?? 1,
      height: info?.height ?? 1,
      shapes: (page?.order ?? []).flatMap((id) => page?.shapes.get(id) ?? []),
      bounds: (id) => scene?.bounds(id) ?? null,
      editable: (id) => scene?.editable(id) ?? false,
    };
  }

  get gridStep(): number {
    return this.#snaps ? GRID_STEP : 0;
  }

  setPage(page: PageModel | null, info: PageInfo | null): void {
    const same = page === this.#page && info?.number === this.view.info?.number;
    if (!same) this.#leavePage();
    this.#page = page;
    if (same && page) {
      this.view.setInfo(info);
      return;
    }
    this.#leave = page ? page.subscribe((change) => this.#changed(change)) : null;
    this.view.setScene(page && new Scene(page, this.view.setter), info);
    this.driver.pageTurned();
    this.#publish();
  }

  setTool(tool: ToolName): void {
    if (tool === this.#tool) return;
    this.#text.close();
    this.#input.cancel();
    this.#tool = tool;
    if (tool !== "select" && tool !== "lasso") this.#selection = [];
    this.view.show({ rubber: null });
    this.selectionChanged();
  }

  setStyle(change: Partial<ToolStyle>): void {
    this.#style = { ...this.#style, ...change };
    const { stamp: _stamp, eraseWhole: _eraseWhole, ...looks } = change;
    if (!this.#text.restyle(looks) && Object.keys(looks).length > 0)
      this.commit(
        this.changeable().map(({ id, shape }) => ({ id, shape: restyled(shape, looks) })),
        "change",
      );
    this.#publish();
  }

  undo(): void {
    this.#turnBack("undo");
  }

  redo(): void {
    this.#turnBack("redo");
  }

  deleteSelected(): void {
    const gone = this.changeable();
    if (gone.length === 0) {
      this.events.onAnnounce({ what: "nothing_selected" });
      return;
    }
    this.commit(
      gone.map(({ id }) => ({ id, shape: null })),
      "delete",
    );
    this.events.onAnnounce({ what: "deleted", count: gone.length });
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
    if (!this.#page || this.refusedByLock()) return;
    const ids = new Set(this.changeable().map(({ id }) => id));
    const keyOf = (id: ShapeId) => this.#page?.shapes.get(id)?.shape.z ?? "";
    const keys = restacked(this.#page.order, keyOf, ids, where);
    const changes = [...keys].flatMap(([id, z]) => {
      const known = this.scene.get(id);
      return known ? [{ id, shape: { ...known.shape, z } }] : [];
    });
    this.commit(changes, "change");
  }

  selectAll(): void {
    if (!this.#page) return;
    this.toSelect();
    this.select(this.#page.order.filter((id) => this.scene.editable(id)));
  }

  select(ids: readonly ShapeId[]): void {
    if (ids.length === this.#selection.length && ids.every((id, index) => id === this.#selection[index]))
      return;
    this.#selection = ids;
    this.selectionChanged();
  }

  show(target: ShapeId | Partial<Draft>): void {
    if (typeof target !== "string") {
      this.view.show(target);
      return;
    }
    const box = this.view.scene?.bounds(target);
    if (!box) return;
    this.toSelect();
    this.select(this.scene.editable(target) ? [target] : []);
    this.driver.bringIntoView(box);
    this.focus();
  }

  edit(id: ShapeId): void {
    const known = this.view.scene?.get(id);
    if (!known || !(known.shape.type === "text" || known.shape.type === "note")) return;
    if (!this.scene.editable(id)) this.refuse(this.locked ? "locked" : "not_yours", known.author);
    else this.editText(id, known.shape, false);
  }

  create(tool: ToolName): void {
    if (!this.view.scene || this.refusedByLock()) return;
    const shape = shapeAt(tool, this.#style, this.middle, this.topKey());
    if (!shape) return;
    const id = this.newId();
    if (shape.type === "text" || shape.type === "note") {
      this.editText(id, shape, true);
      return;
    }
    if (!this.commit([{ id, shape }], "draw")) return;
    this.toSelect();
    this.select([id]);
    this.events.onAnnounce({ what: "created", count: 1 });
  }

  addImage(file: string, width: number, height: number, alternative: string, x?: number, y?: number): void {
    const info = this.view.info;
    if (!info || this.refusedByLock()) return;
    const middle = x === undefined || y === undefined ? this.middle : { x, y };
    const shape = imageAt({ file, width, height, alternative }, info, middle, this.topKey());
    const id = this.newId();
    if (!this.commit([{ id, shape }], "paste")) return;
    this.toSelect();
    this.select([id]);
  }

  zoomBy(factor: number): void {
    this.driver.zoomBy(factor);
  }

  zoomTo(zoom: number): void {
    this.driver.zoomBy(zoom / this.zoom);
  }

  zoomToFit(): void {
    this.driver.fit();
  }

  zoomToSelection(): void {
    const box = this.view.scene?.boundsOfAll(this.#selection);
    if (box && this.#selection.length > 0) this.driver.fitTo(box);
  }

  follow(actor: number | null): void {
    this.driver.follow(actor);
    this.#publish();
  }

  setGrid(snap: boolean): void {
    this.#snaps = snap;
  }

  showLive(from: LiveActor, message: LiveMessage): void {
    if (message.kind === "view") this.driver.othersView(from.actor, message);
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
    return this.view.scene ? listShapes(this.listed) : [];
  }

  importFile(text: string): number {
    return this.#copies.importFile(text);
  }

  exportFile(): string {
    return this.#copies.exportFile();
  }

  focus(): void {
    this.view.element.focus({ preventScroll: true });
  }

  destroy(): void {
    this.#leavePage();
    this.#off.abort();
    this.#input.destroy();
    this.view.destroy();
  }

  commit(changes: readonly Changed[], label: ChangeLabel): boolean {
    if (!this.#page || changes.length === 0 || this.refusedByLock()) return false;
    const encoded = changes.map(({ id, shape }) => ({ id, blob: shape && encodeShape(shape) }));
    if (encoded.some(({ blob }, index) => blob === null && changes[index]?.shape !== null)) {
      this.refuse("too_big");
      return false;
    }
    this.#history()?.do(encoded, label);
    this.#publish();
    return true;
  }

  refuse(why: Refusal, name = ""): void {
    this.events.onRefused(why, name);
  }

  editText(id: ShapeId, shape: Shape, isNew: boolean): void {
    if ((shape.type !== "text" && shape.type !== "note") || this.refusedByLock()) return;
    const holder = this.view.others.holder(id);
    if (holder !== "") {
      this.refuse("held", holder);
      return;
    }
    this.#text.open(id, shape, isNew);
  }

  refusedByLock(): boolean {
    if (!this.locked) return false;
    this.refuse("locked");
    return true;
  }

  changeable() {
    return this.view.scene ? selectedShapes(this).filter(({ id }) => this.scene.editable(id)) : [];
  }

  toSelect(): void {
    if (this.#tool !== "select" && this.#tool !== "lasso") this.#tool = "select";
  }

  cancelGesture(): void {
    this.#input.cancel();
  }

  newId(): ShapeId {
    if (!this.#page) throw new Error("no page is shown");
    return this.#page.newId();
  }

  topKey(): string {
    return keyBetween(this.scene.topKey(), null);
  }

  #prepareElement(name: string): void {
    const { element } = this.view;
    const options = { signal: this.#off.signal };
    element.tabIndex = 0;
    element.setAttribute("role", "application");
    element.setAttribute("aria-label", name);
    element.dataset.board = "";
    this.#keys.listen(this.#off.signal);
    this.#copies.listen(this.#off.signal);
    const motion = window.matchMedia("(prefers-reduced-motion: reduce)");
    const still = () => {
      this.view.others.still = motion.matches;
      this.driver.still = motion.matches;
    };
    motion.addEventListener("change", still, options);
    still();
    this.#cursor();
  }

  #begin(press: Press, erase: boolean): Gesture | null {
    if (!this.view.scene) return null;
    if (this.#text.id !== null) {
      this.#text.close();
      return null;
    }
    const tool = erase ? "eraser" : this.#tool;
    if (tool === "hand") return null;
    if (tool !== "laser" && this.refusedByLock()) return null;
    return TOOL_TABLE[tool](this, press);
  }

  /** Whoever wanted to draw and moves the page instead is told why. */
  #saysWhy(): void {
    if (this.locked && this.#page && !["hand", "select", "lasso"].includes(this.#tool)) this.refuse("locked");
  }

  #hover(at: Sample | null): void {
    if (!this.view.scene) return;
    const erasing = this.#tool === "eraser" && !this.locked;
    this.view.show({ rubber: at && erasing ? { x: at.x, y: at.y, radius: rubberRadius(this) } : null });
    if (at) this.live.put({ kind: "pointer", x: at.x, y: at.y });
    else this.live.put({ kind: "gone" });
  }

  #turnBack(way: "undo" | "redo"): void {
    if (this.refusedByLock()) return;
    const ids = this.#history()?.[way]() ?? [];
    if (ids.length > 0) this.events.onAnnounce({ what: way === "undo" ? "undone" : "redone" });
    this.#publish();
  }

  #changed(change: PageChange): void {
    if (change.by === "reset") this.view.reset();
    else this.view.changed(change.ids);
    if (change.right && this.locked) this.#stopAll();
    const left = this.#selection.filter((id) => this.scene.editable(id));
    if (left.length !== this.#selection.length) this.#selection = left;
    this.view.setSelection(this.#selection, this.#text.id);
    this.#cursor();
    this.#publish();
  }

  /** Locked: what was begun stops, and a text that was being typed goes to the clipboard. */
  #stopAll(): void {
    this.#input.cancel();
    this.view.show({
      ink: null,
      shapes: [],
      instead: new Map(),
      guides: [],
      marquee: null,
      lasso: [],
      rubber: null,
    });
    if (this.#text.rescue()) this.refuse("locked");
  }

  #leavePage(): void {
    this.#text.close();
    this.#input.cancel();
    this.#leave?.();
    this.#leave = null;
    this.#selection = [];
    this.live.put({ kind: "gone" });
  }

  selectionChanged(): void {
    this.view.setSelection(this.#selection, this.#text.id);
    const held = this.#text.id ? [this.#text.id] : this.#selection.slice(0, 40);
    this.live.put({ kind: "held", ids: held });
    this.#cursor();
    this.#publish();
  }

  #history(): History | null {
    const page = this.#page;
    if (!page) return null;
    let history = this.#histories.get(page);
    if (!history) {
      history = new History(page);
      this.#histories.set(page, history);
    }
    return history;
  }

  #resized(): void {
    this.driver?.resized();
  }

  #cameraMoved(): void {
    this.#text.place();
    if (this.#page) this.live.put({ kind: "view", ...this.view.viewBox() });
    if (this.#state.zoom !== this.zoom || this.#state.fitted !== this.driver.fitted) this.#publish();
    if (this.#state.following !== this.driver.following) this.#publish();
  }

  #cursor(): void {
    const locked = this.locked && this.#tool !== "laser";
    this.view.element.style.cursor = locked ? "grab" : CURSORS[this.#tool];
  }

  #makeState(): BoardState {
    const history = this.#history();
    return {
      tool: this.#tool,
      style: this.#style,
      selected: this.#selection,
      canUndo: history?.canUndo ?? false,
      canRedo: history?.canRedo ?? false,
      zoom: this.zoom,
      fitted: this.driver.fitted,
      following: this.driver.following,
      editingText: this.#text.id !== null,
    };
  }

  #publish(): void {
    this.#state = this.#makeState();
    this.events.onState(this.#state);
  }
}
