/** The seam between the page's document and the engine that shows and edits it. */
import type { Shape, ShapeId, Style } from "./model/shape.ts";

/** What this person may do on a page now: nothing, change own shapes, change all shapes. */
export type PageRight = "none" | "own" | "all";

export interface PageShape {
  readonly id: ShapeId;
  readonly shape: Shape;
  readonly blob: Uint8Array;
  /** Made by this person, today or earlier. */
  readonly mine: boolean;
  /** The name of who made it; empty when nobody knows. */
  readonly author: string;
  /** Refused by the server, and why: shown dimmed, to its author alone. Ghosts are not on the page. */
  readonly ghost?: string;
}

export interface ShapeChange {
  readonly id: ShapeId;
  /** Null removes the shape. */
  readonly blob: Uint8Array | null;
}

export interface PageChange {
  /** Shapes that came, changed or went. */
  readonly ids: readonly ShapeId[];
  /** Who did it: this person here, somebody else (or an own other tab), or a new copy of the whole page. */
  readonly by: "here" | "elsewhere" | "reset";
  /** `right` has another value now. */
  readonly right: boolean;
}

/** A page's shapes, live. Ids of ghosts are in `shapes`, too, and in `order`. */
export interface PageModel {
  readonly shapes: ReadonlyMap<ShapeId, PageShape>;
  /** Ids from the lowest shape to the highest: by z in code units, then by id. */
  readonly order: readonly ShapeId[];
  readonly right: PageRight;
  subscribe(listener: (change: PageChange) => void): () => void;
  /** One step for the document; listeners hear it before this returns. Nothing happens when `right` is "none". */
  apply(changes: readonly ShapeChange[], label: ChangeLabel): void;
  /** Made while the page was being taken away: a ghost, or written once the page may be written on again. */
  setAside(changes: readonly ShapeChange[]): void;
  newId(): ShapeId;
}

export type ChangeLabel =
  | "draw"
  | "move"
  | "change"
  | "erase"
  | "delete"
  | "paste"
  | "text"
  | "undo"
  | "redo"
  | "import";

export type Paper = "blank" | "grid" | "ruled" | "dots";

/** What lies under the shapes. */
export interface PageInfo {
  readonly number: number;
  readonly width: number;
  readonly height: number;
  readonly paper: Paper;
  readonly slide: { readonly file: string; readonly page: number } | null;
}

/** What is shown to others while it happens and never stored (docs/protocol.md section 3.3). Page units. */
export type LiveMessage =
  | { readonly kind: "pointer" | "laser"; readonly x: number; readonly y: number }
  | { readonly kind: "gone" }
  | {
      readonly kind: "ink";
      readonly id: ShapeId;
      /** Index of the first point here within the stroke. */
      readonly index: number;
      readonly style: Style;
      readonly flags: number;
      /** dx, dy, pressure of each point: the stroke's first is absolute, others relative to the one before. */
      readonly points: readonly number[];
    }
  | {
      readonly kind: "view";
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    }
  | { readonly kind: "held"; readonly ids: readonly ShapeId[] }
  | { readonly kind: "drag"; readonly dx: number; readonly dy: number; readonly ids: readonly ShapeId[] };

/** Who a live message is from. */
export interface LiveActor {
  readonly actor: number;
  readonly name: string;
  /** A CSS colour that belongs to the person. */
  readonly colour: string;
}
