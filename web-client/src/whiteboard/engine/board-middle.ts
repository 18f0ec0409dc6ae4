/** The engine's middle: which page is shown, what is selected, and the one way by which anything changes. */
import type { ListedPage } from "../a11y/shape-list.ts";
import type {
  BoardEvents,
  BoardState,
  PictureSource,
  Refusal,
  ToolName,
  ToolStyle,
} from "../board-engine.ts";
import type { Point } from "../model/geometry.ts";
import type { Shape, ShapeId } from "../model/shape.ts";
import { encodeShape } from "../model/shape-codec.ts";
import { keyBetween } from "../model/z-order.ts";
import type { ChangeLabel, PageChange, PageInfo, PageModel } from "../page-model.ts";
import { selectedShapes } from "../tools/selection.ts";
import type { Draft, ToolHost } from "../tools/tool.ts";
import { drawings } from "./board-clipboard.ts";
import type { BoardCore } from "./board-core.ts";
import { BoardView } from "./board-view.ts";
import { CameraDriver } from "./camera-driver.ts";
import { FIRST_STYLE } from "./first-style.ts";
import { LiveSender } from "./live-sender.ts";
import { PageHistories } from "./page-histories.ts";
import { Scene } from "./scene.ts";
import type { Changed } from "./selection-changes.ts";
import { ShapeCommands } from "./shape-commands.ts";
import { TextDesk } from "./text-desk.ts";
import { ToolHand } from "./tool-hand.ts";

const GRID_STEP = 20;

export class BoardMiddle implements ToolHost, BoardCore {
  readonly view: BoardView;
  readonly live: LiveSender;
  readonly events: BoardEvents;
  readonly driver: CameraDriver;
  readonly text: TextDesk;
  readonly commands = new ShapeCommands(this);
  /** Shapes that are moved keep to the grid. */
  snaps = false;
  readonly #hand: ToolHand;
  readonly #histories = new PageHistories();
  #page: PageModel | null = null;
  #leave: (() => void) | null = null;
  #style = FIRST_STYLE;
  #selection: readonly ShapeId[] = [];
  /** The page was just locked: what is being drawn ends, and is kept for its author. */
  #stopping = false;
  #state: BoardState;

  constructor(container: HTMLElement, events: BoardEvents, source: PictureSource | null, textLabel: string) {
    this.events = events;
    this.live = new LiveSender((message) => events.onLive(message));
    this.view = new BoardView(container, source, {
      onFrame: (now) => {
        const waiting = this.live.flush(now);
        return this.driver.advance(now) || waiting;
      },
      // The view measures itself once before there is a driver.
      onResize: () => this.driver?.resized(),
    });
    this.driver = new CameraDriver(this.view, () => this.#cameraMoved());
    this.text = new TextDesk(this, textLabel);
    this.#hand = new ToolHand(this);
    this.#state = this.#makeState();
    this.#hand.showCursor();
  }

  get page(): PageModel | null {
    return this.#page;
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
    return this.#hand.tool;
  }

  get locked(): boolean {
    return this.#page === null || this.#page.right === "none";
  }

  get drawing(): boolean {
    return this.#hand.drawing;
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
    return this.snaps ? GRID_STEP : 0;
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
    this.publish();
  }

  setTool(tool: ToolName): void {
    if (tool === this.tool) return;
    this.text.close();
    this.#hand.cancel();
    this.#hand.take(tool);
    if (!this.#hand.selects) this.#selection = [];
    this.view.show({ rubber: null });
    this.selectionChanged();
  }

  setStyle(change: Partial<ToolStyle>): void {
    this.#style = { ...this.#style, ...change };
    const { stamp: _stamp, eraseWhole: _eraseWhole, ...looks } = change;
    if (!this.text.restyle(looks) && Object.keys(looks).length > 0) this.commands.restyle(looks);
    this.publish();
  }

  turnBack(way: "undo" | "redo"): void {
    if (this.refusedByLock()) return;
    const ids = this.#histories.of(this.#page)?.[way]() ?? [];
    if (ids.length > 0) this.events.onAnnounce({ what: way === "undo" ? "undone" : "redone" });
    this.publish();
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

  destroy(): void {
    this.#leavePage();
    this.#hand.destroy();
    this.view.destroy();
  }

  commit(changes: readonly Changed[], label: ChangeLabel): boolean {
    if (!this.#page || changes.length === 0) return false;
    if (this.refusedByLock() && !(this.#stopping && label === "draw")) return false;
    const encoded = changes.map(({ id, shape }) => ({ id, blob: shape && encodeShape(shape) }));
    if (encoded.some(({ blob }, index) => blob === null && changes[index]?.shape !== null)) {
      this.refuse("too_big");
      return false;
    }
    if (this.#stopping) {
      this.#page.setAside(encoded);
      return false;
    }
    this.#histories.of(this.#page)?.do(encoded, label);
    this.publish();
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
    this.text.open(id, shape, isNew);
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
    if (!this.#hand.selects) this.#hand.take("select");
  }

  cancelGesture(): void {
    this.#hand.cancel();
  }

  newId(): ShapeId {
    if (!this.#page) throw new Error("no page is shown");
    return this.#page.newId();
  }

  topKey(): string {
    return keyBetween(this.scene.topKey(), null);
  }

  focus(): void {
    this.view.element.focus({ preventScroll: true });
  }

  selectionChanged(): void {
    this.view.setSelection(this.#selection, this.text.id);
    const held = this.text.id ? [this.text.id] : this.#selection.slice(0, 40);
    this.live.put({ kind: "held", ids: held });
    if (held.length > 0) void drawings().catch(() => {});
    this.#hand.showCursor();
    this.publish();
  }

  #changed(change: PageChange): void {
    if (change.by === "reset") this.view.reset(change.ids);
    else this.view.changed(change.ids);
    if (change.right && this.locked) this.#stopAll();
    const left = this.#selection.filter((id) => this.scene.editable(id));
    if (left.length !== this.#selection.length) this.#selection = left;
    this.view.setSelection(this.#selection, this.text.id);
    this.#hand.showCursor();
    this.publish();
  }

  /** Locked: what was begun stops; its line stays with its author, and a text that was being typed goes to the clipboard. */
  #stopAll(): void {
    this.#stopping = true;
    this.#hand.finish();
    this.#stopping = false;
    this.view.show({
      ink: null,
      shapes: [],
      instead: new Map(),
      guides: [],
      marquee: null,
      lasso: [],
      rubber: null,
    });
    if (this.text.rescue()) this.refuse("locked");
  }

  #leavePage(): void {
    this.text.close();
    this.#hand.cancel();
    this.#leave?.();
    this.#leave = null;
    this.#selection = [];
    this.live.put({ kind: "gone" });
  }

  #cameraMoved(): void {
    this.text.place();
    if (this.#page) this.live.put({ kind: "view", ...this.view.viewBox() });
    if (this.#state.zoom !== this.zoom || this.#state.fitted !== this.driver.fitted) this.publish();
    if (this.#state.following !== this.driver.following) this.publish();
  }

  #makeState(): BoardState {
    const history = this.#histories.of(this.#page);
    return {
      tool: this.tool,
      style: this.#style,
      selected: this.#selection,
      canUndo: history?.canUndo ?? false,
      canRedo: history?.canRedo ?? false,
      zoom: this.zoom,
      fitted: this.driver.fitted,
      following: this.driver.following,
      editingText: this.text.id !== null,
    };
  }

  publish(): void {
    this.#state = this.#makeState();
    this.events.onState(this.#state);
  }
}
