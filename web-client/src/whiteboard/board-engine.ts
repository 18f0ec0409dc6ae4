/** What the engine offers to the user interface: tools, style, camera, live signs of others. */
import type { ShapeEntry } from "./a11y/shape-list.ts";
import type { ShapeId, Style } from "./model/shape.ts";
import type { LiveActor, LiveMessage, PageInfo, PageModel } from "./page-model.ts";

export const TOOLS = [
  "select",
  "lasso",
  "hand",
  "pen",
  "highlighter",
  "line",
  "arrow",
  "rectangle",
  "ellipse",
  "text",
  "note",
  "stamp",
  "eraser",
  "laser",
] as const;
export type ToolName = (typeof TOOLS)[number];

/** What new shapes get; setting a part while shapes are selected changes them, too. */
export interface ToolStyle extends Style {
  readonly textSize: number;
  readonly bold: boolean;
  readonly centred: boolean;
  readonly dashed: boolean;
  /** A kind of the stamp tool (docs/protocol.md section 3.4). */
  readonly stamp: number;
  /** The eraser takes whole shapes; otherwise what it touches of ink. */
  readonly eraseWhole: boolean;
}

export interface ViewBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface BoardState {
  readonly tool: ToolName;
  readonly style: ToolStyle;
  readonly selected: readonly ShapeId[];
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** 1 = one page unit is one CSS pixel. */
  readonly zoom: number;
  /** The whole page is in view and stays so when the container changes. */
  readonly fitted: boolean;
  /** The camera takes the views of the presenter; false as soon as the person looks around. */
  readonly following: boolean;
  readonly editingText: boolean;
}

export type Refusal = "locked" | "not_yours" | "too_big" | "held";

export interface BoardEvents {
  /** Something of `state` is different. */
  onState(state: BoardState): void;
  /** At most 20 times a second of each kind, ink at most 20 a second in batches. */
  onLive(message: LiveMessage): void;
  /** The person tried what the page does not allow; nothing was drawn. */
  onRefused(why: Refusal, name: string): void;
  /** A sentence's key for the live region: what the keyboard did. */
  onAnnounce(what: Announcement): void;
  /** Files were dropped or pasted at a place of the page: store them, then call `addImage`. */
  onFiles(files: readonly File[], x: number, y: number): void;
  /** The focus should go to the toolbar (Escape with nothing left to end). */
  onLeave(): void;
}

export type Announcement =
  | { readonly what: "selected"; readonly entry: ShapeEntry; readonly count: number }
  | { readonly what: "moved" | "resized" | "turned"; readonly entry: ShapeEntry }
  | { readonly what: "created" | "deleted" | "copied" | "pasted" | "duplicated"; readonly count: number }
  | { readonly what: "undone" | "redone" | "nothing_selected" };

/** Pictures that the engine shows; all are asked for by width in device pixels and may come from a cache. */
export interface PictureSource {
  slide(file: string, page: number, width: number, signal: AbortSignal): Promise<ImageBitmap>;
  image(file: string, width: number, signal: AbortSignal): Promise<ImageBitmap>;
}

export interface BoardEngine {
  readonly state: BoardState;
  /** Takes the place of what was shown before; undo stays with each page as long as its model lives. */
  setPage(page: PageModel | null, info: PageInfo | null): void;
  setTool(tool: ToolName): void;
  setStyle(change: Partial<ToolStyle>): void;
  undo(): void;
  redo(): void;
  deleteSelected(): void;
  duplicateSelected(): void;
  copy(cut: boolean): Promise<void>;
  paste(): Promise<void>;
  order(where: "front" | "back" | "forward" | "backward"): void;
  selectAll(): void;
  select(ids: readonly ShapeId[]): void;
  /** Selects one shape, brings it into view, and moves the focus to the canvas. */
  show(id: ShapeId): void;
  edit(id: ShapeId): void;
  /** Puts a shape of the tool at the middle of the view: for keyboards and switches. */
  create(tool: ToolName): void;
  addImage(file: string, width: number, height: number, alternative: string, x?: number, y?: number): void;
  zoomBy(factor: number): void;
  zoomTo(zoom: number): void;
  zoomToFit(): void;
  zoomToSelection(): void;
  /** On: take the presenter's views (showLive "view" of that actor). */
  follow(actor: number | null): void;
  setGrid(snap: boolean): void;
  showLive(from: LiveActor, message: LiveMessage): void;
  /** An actor left the page: its pointer, live strokes and soft locks go. */
  forget(actor: number): void;
  /** Every shape in reading order, for the parallel list. */
  entries(): readonly ShapeEntry[];
  /** How many shapes came; 0 = it is no Excalidraw file, or the page is locked. */
  importFile(text: string): Promise<number>;
  exportFile(): Promise<string>;
  focus(): void;
  destroy(): void;
}
