/** The board's engine: holds tool, style and selection, and turns gestures, keys and commands into changes of the page. */
import { type BoardCommand, commandFor } from "../a11y/board-keys.ts";
import { entryFor, listShapes, type ShapeEntry } from "../a11y/shape-list.ts";
import type {
  BoardEngine,
  BoardEvents,
  BoardState,
  PictureSource,
  Refusal,
  ToolName,
  ToolStyle,
} from "../board-engine.ts";
import { toExcalidraw } from "../model/excalidraw-out.ts";
import { History } from "../model/history.ts";
import { restacked, type Where } from "../model/restack.ts";
import type { Shape, ShapeId } from "../model/shape.ts";
import { encodeShape } from "../model/shape-codec.ts";
import { restyled } from "../model/shape-edit.ts";
import { keyBetween, keysBetween } from "../model/z-order.ts";
import type { ChangeLabel, LiveActor, LiveMessage, PageChange, PageInfo, PageModel } from "../page-model.ts";
import { rubberRadius } from "../tools/eraser-tool.ts";
import { newNote, newStamp, newText } from "../tools/place-tool.ts";
import { selectedShapes, selectionFrame } from "../tools/selection.ts";
import {
  type Draft,
  type Gesture,
  type Press,
  plainStyle,
  type Sample,
  type ToolHost,
} from "../tools/tool.ts";
import { CURSORS, TOOL_TABLE } from "../tools/tool-table.ts";
import { copied, pasted } from "./board-clipboard.ts";
import { BoardInput } from "./board-input.ts";
import { BoardView } from "./board-view.ts";
import { CameraDriver } from "./camera-driver.ts";
import { LiveSender } from "./live-sender.ts";
import { Scene } from "./scene.ts";
import { type Changed, COPY_OFFSET, copiesOf, movedBy, resizedBy, turnedBy } from "./selection-changes.ts";
import { TextEditor } from "./text-editor.ts";

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
/** A pasted or keyboard-made picture is at most this share of the page. */
const IMAGE_SHARE = 0.6;

export interface BoardWords {
  /** Names of the canvas and of the field in which text is typed, for screen readers. */
  readonly board: string;
  readonly text: string;
}

export class CanvasBoard implements BoardEngine, ToolHost {
  readonly view: BoardView;
  readonly live: LiveSender;
  readonly #events: BoardEvents;
  readonly #words: BoardWords;
  readonly #input: BoardInput;
  readonly #driver: CameraDriver;
  readonly #histories = new WeakMap<PageModel, History>();
  readonly #off = new AbortController();
  #page: PageModel | null = null;
  #leave: (() => void) | null = null;
  #tool: ToolName = "pen";
  #style = FIRST_STYLE;
  #selection: readonly ShapeId[] = [];
  #editor: TextEditor | null = null;
  #snaps = false;
  #state: BoardState;

  constructor(container: HTMLElement, events: BoardEvents, source: PictureSource | null, words: BoardWords) {
    this.#events = events;
    this.#words = words;
    this.live = new LiveSender((message) => events.onLive(message));
    this.view = new BoardView(container, source, {
      onFrame: (now) => {
        const waiting = this.live.flush(now);
        return this.#driver.advance(now) || waiting;
      },
      onResize: () => this.#resized(),
    });
    this.#driver = new CameraDriver(this.view, () => this.#cameraMoved());
    this.#input = new BoardInput(this.view, {
      pans: () => this.#tool === "hand" || (this.#tool !== "laser" && this.#locked()),
      begin: (press, erase) => this.#begin(press, erase),
      hover: (at) => this.#hover(at),
      onLook: () => this.#driver.lookedAround(),
    });
    this.#state = this.#makeState();
    this.#prepareElement();
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
    this.#driver.pageTurned();
    this.#publish();
  }

  setTool(tool: ToolName): void {
    if (tool === this.#tool) return;
    this.#editor?.close();
    this.#input.cancel();
    this.#tool = tool;
    if (tool !== "select" && tool !== "lasso") this.#selection = [];
    this.view.show({ rubber: null });
    this.#selectionChanged();
  }

  setStyle(change: Partial<ToolStyle>): void {
    this.#style = { ...this.#style, ...change };
    const { stamp: _stamp, eraseWhole: _eraseWhole, ...looks } = change;
    if (this.#editor) {
      const shape = restyled(this.#editor.shape, looks);
      if (shape.type === "text" || shape.type === "note") this.#editor.restyle(shape);
    } else if (this.view.scene && Object.keys(looks).length > 0)
      this.commit(
        this.#changeable().map(({ id, shape }) => ({ id, shape: restyled(shape, looks) })),
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
    const gone = this.#changeable();
    if (gone.length === 0) {
      this.#events.onAnnounce({ what: "nothing_selected" });
      return;
    }
    this.commit(
      gone.map(({ id }) => ({ id, shape: null })),
      "delete",
    );
    this.#events.onAnnounce({ what: "deleted", count: gone.length });
  }

  duplicateSelected(): void {
    const shapes = selectedShapes(this).map(({ shape }) => shape);
    this.#insert(shapes, { dx: COPY_OFFSET, dy: COPY_OFFSET }, "duplicated");
  }

  async copy(cut: boolean): Promise<void> {
    const text = this.#copyText(cut);
    // Without the system's clipboard a copy still works within this page.
    if (text !== null) await navigator.clipboard?.writeText(text).catch(() => {});
  }

  async paste(): Promise<void> {
    const text = await (navigator.clipboard?.readText().catch(() => "") ?? "");
    this.#pasteText(text);
  }

  order(where: Where): void {
    if (!this.#page || this.#refusedByLock()) return;
    const ids = new Set(this.#changeable().map(({ id }) => id));
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
    this.#toSelect();
    this.select(this.#page.order.filter((id) => this.scene.editable(id)));
  }

  select(ids: readonly ShapeId[]): void {
    if (ids.length === this.#selection.length && ids.every((id, index) => id === this.#selection[index]))
      return;
    this.#selection = ids;
    this.#selectionChanged();
  }

  show(target: ShapeId | Partial<Draft>): void {
    if (typeof target !== "string") {
      this.view.show(target);
      return;
    }
    const box = this.view.scene?.bounds(target);
    if (!box) return;
    this.#toSelect();
    this.select(this.scene.editable(target) ? [target] : []);
    this.#driver.bringIntoView(box);
    this.focus();
  }

  edit(id: ShapeId): void {
    const known = this.view.scene?.get(id);
    if (!known || !(known.shape.type === "text" || known.shape.type === "note")) return;
    if (!this.scene.editable(id)) this.refuse(this.#locked() ? "locked" : "not_yours", known.author);
    else this.editText(id, known.shape, false);
  }

  create(tool: ToolName): void {
    if (!this.view.scene || this.#refusedByLock()) return;
    const shape = this.#shapeAtMiddle(tool);
    if (!shape) return;
    const id = this.newId();
    if (shape.type === "text" || shape.type === "note") {
      this.editText(id, shape, true);
      return;
    }
    if (!this.commit([{ id, shape }], "draw")) return;
    this.#toSelect();
    this.select([id]);
    this.#events.onAnnounce({ what: "created", count: 1 });
  }

  addImage(file: string, width: number, height: number, alternative: string, x?: number, y?: number): void {
    const info = this.view.info;
    if (!info || this.#refusedByLock()) return;
    const most = Math.min(1, (info.width * IMAGE_SHARE) / width, (info.height * IMAGE_SHARE) / height);
    const size = { width: width * most, height: height * most };
    const middle = x === undefined || y === undefined ? this.#middle() : { x, y };
    const at = { x: middle.x - size.width / 2, y: middle.y - size.height / 2, ...size, angle: 0 };
    const style = { stroke: 0, fill: 0, width: 0, opacity: 255 };
    const shape: Shape = {
      ...{ type: "image", flags: 0, style, z: this.topKey(), durationMs: 0 },
      ...at,
      file,
      alternative,
    };
    const id = this.newId();
    if (!this.commit([{ id, shape }], "paste")) return;
    this.#toSelect();
    this.select([id]);
  }

  zoomBy(factor: number): void {
    this.#driver.zoomBy(factor);
  }

  zoomTo(zoom: number): void {
    this.#driver.zoomBy(zoom / this.zoom);
  }

  zoomToFit(): void {
    this.#driver.fit();
  }

  zoomToSelection(): void {
    const box = this.view.scene?.boundsOfAll(this.#selection);
    if (box && this.#selection.length > 0) this.#driver.fitTo(box);
  }

  follow(actor: number | null): void {
    this.#driver.follow(actor);
    this.#publish();
  }

  setGrid(snap: boolean): void {
    this.#snaps = snap;
  }

  showLive(from: LiveActor, message: LiveMessage): void {
    if (message.kind === "view") this.#driver.othersView(from.actor, message);
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
    return this.view.scene ? listShapes(this.#listed()) : [];
  }

  importFile(text: string): number {
    const found = pasted(text);
    if (!this.view.scene || found?.kind !== "shapes" || this.#refusedByLock()) return 0;
    return this.#insert(found.shapes, { dx: 0, dy: 0 }, "pasted");
  }

  exportFile(): string {
    const page = this.#page;
    const shapes = (page?.order ?? []).flatMap((id) => page?.shapes.get(id) ?? []);
    return toExcalidraw(
      shapes.filter(({ ghost }) => ghost === undefined),
      this.view.setter,
    );
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
    if (!this.#page || changes.length === 0 || this.#refusedByLock()) return false;
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
    this.#events.onRefused(why, name);
  }

  editText(id: ShapeId, shape: Shape, isNew: boolean): void {
    if ((shape.type !== "text" && shape.type !== "note") || this.#refusedByLock()) return;
    const holder = this.view.others.holder(id);
    if (holder !== "") {
      this.refuse("held", holder);
      return;
    }
    this.#editor?.close();
    const words = this.#words.text;
    this.#editor = new TextEditor(this.view.words, id, shape, isNew, this.view.setter, words, {
      onDone: (_id, done) => this.#textDone(id, shape.text, done, isNew),
      onInput: () => this.#editor?.place(this.view.camera),
    });
    this.#editor.place(this.view.camera);
    this.#editor.focus();
    this.#selectionChanged();
  }

  newId(): ShapeId {
    if (!this.#page) throw new Error("no page is shown");
    return this.#page.newId();
  }

  topKey(): string {
    return keyBetween(this.scene.topKey(), null);
  }

  /** Runs what a key asks for; false = the key is not the board's. */
  command(command: BoardCommand): void {
    switch (command.do) {
      case "move":
        this.#changeByKey((shapes) => movedBy(shapes, command.dx, command.dy), "move", "moved");
        break;
      case "resize":
        this.#changeByKey(
          (shapes, frame) => resizedBy(shapes, frame, command.dx, command.dy),
          "change",
          "resized",
        );
        break;
      case "turn":
        this.#changeByKey((shapes, frame) => turnedBy(shapes, frame, command.degrees), "move", "turned");
        break;
      case "pan":
        this.#driver.pan(command.dx, command.dy);
        break;
      case "next":
        this.#step(1);
        break;
      case "previous":
        this.#step(-1);
        break;
      case "delete":
        this.deleteSelected();
        break;
      case "activate":
        this.#activate();
        break;
      case "escape":
        this.#escape();
        break;
      case "all":
        this.selectAll();
        break;
      case "undo":
      case "redo":
        this.#turnBack(command.do);
        break;
      case "duplicate":
        this.duplicateSelected();
        break;
      case "zoomIn":
        this.zoomBy(1.25);
        break;
      case "zoomOut":
        this.zoomBy(0.8);
        break;
      case "zoomFit":
        this.zoomToFit();
        break;
      case "zoomWhole":
        this.zoomTo(1);
        break;
      default:
        this.order(command.do);
    }
  }

  #prepareElement(): void {
    const { element } = this.view;
    const options = { signal: this.#off.signal };
    element.tabIndex = 0;
    element.setAttribute("role", "application");
    element.setAttribute("aria-label", this.#words.board);
    element.dataset.board = "";
    element.addEventListener("keydown", (event) => this.#key(event), options);
    for (const type of ["copy", "cut", "paste"] as const)
      element.addEventListener(type, (event) => this.#clipboard(event), options);
    element.addEventListener("dragover", (event) => event.preventDefault(), options);
    element.addEventListener("drop", (event) => this.#drop(event), options);
    const motion = window.matchMedia("(prefers-reduced-motion: reduce)");
    const still = () => {
      this.view.others.still = motion.matches;
      this.#driver.still = motion.matches;
    };
    motion.addEventListener("change", still, options);
    still();
    this.#cursor();
  }

  #begin(press: Press, erase: boolean): Gesture | null {
    if (!this.view.scene) return null;
    if (this.#editor) {
      this.#editor.close();
      return null;
    }
    const tool = erase ? "eraser" : this.#tool;
    if (tool === "hand") return null;
    if (tool !== "laser" && this.#refusedByLock()) return null;
    return TOOL_TABLE[tool](this, press);
  }

  #hover(at: Sample | null): void {
    if (!this.view.scene) return;
    const erasing = this.#tool === "eraser" && !this.#locked();
    this.view.show({ rubber: at && erasing ? { x: at.x, y: at.y, radius: rubberRadius(this) } : null });
    if (at) this.live.put({ kind: "pointer", x: at.x, y: at.y });
    else this.live.put({ kind: "gone" });
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || !this.view.scene) return;
    const press = {
      key: event.key,
      shift: event.shiftKey,
      alt: event.altKey,
      ctrl: event.ctrlKey || event.metaKey,
    };
    const command = commandFor(press, this.#selection.length > 0);
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    this.command(command);
  }

  #clipboard(event: ClipboardEvent): void {
    if (event.target !== this.view.element || !this.view.scene) return;
    event.preventDefault();
    if (event.type === "paste") {
      const files = [...(event.clipboardData?.files ?? [])];
      const middle = this.#middle();
      if (files.length > 0) this.#events.onFiles(files, middle.x, middle.y);
      else this.#pasteText(event.clipboardData?.getData("text/plain") ?? "");
      return;
    }
    const text = this.#copyText(event.type === "cut");
    if (text !== null) event.clipboardData?.setData("text/plain", text);
  }

  #drop(event: DragEvent): void {
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0 || this.#refusedByLock()) return;
    const { left, top } = this.view.element.getBoundingClientRect();
    const at = this.view.camera.toPage(event.clientX - left, event.clientY - top);
    this.#events.onFiles(files, at.x, at.y);
  }

  #copyText(cut: boolean): string | null {
    const shapes = this.view.scene ? selectedShapes(this) : [];
    if (shapes.length === 0) {
      this.#events.onAnnounce({ what: "nothing_selected" });
      return null;
    }
    const text = copied(shapes, this.view.setter);
    if (cut) this.deleteSelected();
    else this.#events.onAnnounce({ what: "copied", count: shapes.length });
    return text;
  }

  #pasteText(text: string): void {
    const found = pasted(text);
    if (!found || this.#refusedByLock()) return;
    if (found.kind === "shapes") {
      this.#insert(found.shapes, { dx: COPY_OFFSET, dy: COPY_OFFSET }, "pasted");
      return;
    }
    const middle = this.#middle();
    const shape = newText(this.#style, { x: middle.x - 240, y: middle.y - 40 }, 480, this.topKey());
    this.#insert([{ ...shape, text: [...found.text].slice(0, 4000).join("") }], { dx: 0, dy: 0 }, "pasted");
  }

  #insert(shapes: readonly Shape[], by: { dx: number; dy: number }, what: "pasted" | "duplicated"): number {
    if (shapes.length === 0 || this.#refusedByLock()) return 0;
    const keys = keysBetween(this.scene.topKey(), null, shapes.length);
    const copies = copiesOf(shapes, by, keys, () => this.newId());
    if (!this.commit(copies, "paste")) return 0;
    this.#toSelect();
    this.select(copies.map(({ id }) => id));
    this.#events.onAnnounce({ what, count: copies.length });
    return copies.length;
  }

  #shapeAtMiddle(tool: ToolName): Shape | null {
    const middle = this.#middle();
    const style = this.#style;
    const z = this.topKey();
    const base = { flags: 0, style: plainStyle(style), z, durationMs: 0 };
    const [x, y] = [Math.round(middle.x), Math.round(middle.y)];
    switch (tool) {
      case "text":
        return newText(style, { x: x - 240, y: y - style.textSize }, 480, z);
      case "note":
        return newNote(style, middle, z);
      case "stamp":
        return newStamp(style, middle, z);
      case "rectangle":
      case "ellipse":
        return { ...base, type: tool, x: x - 100, y: y - 60, width: 200, height: 120, angle: 0 };
      case "line":
      case "arrow":
        return {
          ...base,
          type: "line",
          flags: tool === "arrow" ? 1 : 0,
          x1: x - 100,
          y1: y,
          x2: x + 100,
          y2: y,
        };
      default:
        return null;
    }
  }

  #changeByKey(
    change: (
      shapes: readonly { id: ShapeId; shape: Shape }[],
      frame: NonNullable<ReturnType<typeof selectionFrame>>,
    ) => Changed[],
    label: ChangeLabel,
    what: "moved" | "resized" | "turned",
  ): void {
    const shapes = this.#changeable();
    const frame = selectionFrame(this, shapes);
    if (!frame || !this.commit(change(shapes, frame), label)) return;
    const first = shapes[0] && this.scene.get(shapes[0].id);
    if (first) this.#events.onAnnounce({ what, entry: entryFor(this.#listed(), first) });
  }

  /** To the next or the last shape in reading order. */
  #step(by: 1 | -1): void {
    const entries = this.entries().filter(({ editable }) => editable);
    if (entries.length === 0) return;
    const at = entries.findIndex(({ ids }) => ids.some((id) => this.#selection.includes(id)));
    const entry = entries[(at + by + entries.length + (at < 0 && by < 0 ? 1 : 0)) % entries.length];
    if (!entry) return;
    this.#toSelect();
    this.select(entry.ids);
    const box = this.scene.boundsOfAll(entry.ids);
    if (box) this.#driver.bringIntoView(box);
    this.#events.onAnnounce({ what: "selected", entry, count: entry.ids.length });
  }

  #activate(): void {
    const [only] = this.#selection;
    if (only && this.#selection.length === 1) this.edit(only);
    else if (this.#selection.length === 0) this.create(this.#tool);
  }

  #escape(): void {
    if (this.#input.drawing) this.#input.cancel();
    else if (this.#selection.length > 0) this.select([]);
    else this.#events.onLeave();
  }

  #turnBack(way: "undo" | "redo"): void {
    if (this.#refusedByLock()) return;
    const ids = this.#history()?.[way]() ?? [];
    if (ids.length > 0) this.#events.onAnnounce({ what: way === "undo" ? "undone" : "redone" });
    this.#publish();
  }

  #textDone(id: ShapeId, before: string, shape: Shape & { text: string }, isNew: boolean): void {
    this.#editor = null;
    this.view.setSelection(this.#selection, null);
    const empty = shape.text === "" && shape.type === "text";
    const known = this.view.scene?.get(id);
    if (isNew && (empty || this.#locked())) this.#selectionChanged();
    else if (empty) this.commit([{ id, shape: null }], "text");
    else if (isNew || shape.text !== before || known) {
      const z = known?.shape.z ?? shape.z;
      if (this.#isNews(id, { ...shape, z })) this.commit([{ id, shape: { ...shape, z } }], "text");
      if (isNew) {
        this.#toSelect();
        this.#selection = [id];
        this.#events.onAnnounce({ what: "created", count: 1 });
      }
    }
    this.#selectionChanged();
    this.focus();
  }

  #isNews(id: ShapeId, shape: Shape): boolean {
    const blob = encodeShape(shape);
    const known = this.view.scene?.get(id)?.blob;
    return (
      !known || !blob || known.length !== blob.length || blob.some((value, index) => value !== known[index])
    );
  }

  #changed(change: PageChange): void {
    if (change.by === "reset") this.view.reset();
    else this.view.changed(change.ids);
    if (change.right && this.#locked()) this.#stopAll();
    const left = this.#selection.filter((id) => this.scene.editable(id));
    if (left.length !== this.#selection.length) this.#selection = left;
    this.view.setSelection(this.#selection, this.#editor?.id ?? null);
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
    const editor = this.#editor;
    this.#editor = null;
    const shape = editor?.drop();
    if (editor && shape && shape.text.trim() !== "") copied([{ id: editor.id, shape }], this.view.setter);
    if (editor) this.refuse("locked");
  }

  #leavePage(): void {
    this.#editor?.close();
    this.#input.cancel();
    this.#leave?.();
    this.#leave = null;
    this.#selection = [];
    this.live.put({ kind: "gone" });
  }

  #selectionChanged(): void {
    this.view.setSelection(this.#selection, this.#editor?.id ?? null);
    const held = this.#editor ? [this.#editor.id] : this.#selection.slice(0, 40);
    this.live.put({ kind: "held", ids: held });
    this.#cursor();
    this.#publish();
  }

  #toSelect(): void {
    if (this.#tool !== "select" && this.#tool !== "lasso") this.#tool = "select";
  }

  #changeable() {
    return this.view.scene ? selectedShapes(this).filter(({ id }) => this.scene.editable(id)) : [];
  }

  #listed() {
    const { scene, info } = this.view;
    const page = this.#page;
    return {
      width: info?.width ?? 1,
      height: info?.height ?? 1,
      shapes: (page?.order ?? []).flatMap((id) => page?.shapes.get(id) ?? []),
      bounds: (id: ShapeId) => scene?.bounds(id) ?? null,
      editable: (id: ShapeId) => scene?.editable(id) ?? false,
    };
  }

  #middle() {
    const { width, height } = this.view.size;
    return this.view.camera.toPage(width / 2, height / 2);
  }

  #locked(): boolean {
    return this.#page === null || this.#page.right === "none";
  }

  #refusedByLock(): boolean {
    if (!this.#locked()) return false;
    this.refuse("locked");
    return true;
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
    this.#driver?.resized();
  }

  #cameraMoved(): void {
    this.#editor?.place(this.view.camera);
    if (this.#page) this.live.put({ kind: "view", ...this.view.viewBox() });
    if (this.#state.zoom !== this.zoom || this.#state.fitted !== this.#driver.fitted) this.#publish();
    if (this.#state.following !== this.#driver.following) this.#publish();
  }

  #cursor(): void {
    const locked = this.#locked() && this.#tool !== "laser";
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
      fitted: this.#driver.fitted,
      following: this.#driver.following,
      editingText: this.#editor !== null,
    };
  }

  #publish(): void {
    this.#state = this.#makeState();
    this.#events.onState(this.#state);
  }
}
