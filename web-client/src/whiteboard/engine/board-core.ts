/** What the parts of the engine need of its middle. */

import type { ListedPage } from "../a11y/shape-list.ts";
import type { BoardEvents, Refusal, ToolName, ToolStyle } from "../board-engine.ts";
import type { Point } from "../model/geometry.ts";
import type { Shape, ShapeId } from "../model/shape.ts";
import type { ChangeLabel } from "../page-model.ts";
import type { BoardView } from "./board-view.ts";
import type { CameraDriver } from "./camera-driver.ts";
import type { Scene } from "./scene.ts";
import type { Changed } from "./selection-changes.ts";

export interface BoardCore {
  readonly view: BoardView;
  readonly events: BoardEvents;
  readonly driver: CameraDriver;
  /** Throws while no page is shown. */
  readonly scene: Scene;
  readonly tool: ToolName;
  readonly style: ToolStyle;
  readonly zoom: number;
  readonly setter: BoardView["setter"];
  readonly selection: readonly ShapeId[];
  readonly locked: boolean;
  readonly drawing: boolean;
  /** The middle of what is seen, on the page. */
  readonly middle: Point;
  readonly listed: ListedPage;
  /** Selected, and this person's to change. */
  changeable(): readonly { readonly id: ShapeId; readonly shape: Shape }[];
  select(ids: readonly ShapeId[]): void;
  /** The select tool, unless it or the lasso is in hand. */
  toSelect(): void;
  commit(changes: readonly Changed[], label: ChangeLabel): boolean;
  /** True = the page is locked, and the person was told. */
  refusedByLock(): boolean;
  refuse(why: Refusal, name?: string): void;
  editText(id: ShapeId, shape: Shape, isNew: boolean): void;
  edit(id: ShapeId): void;
  cancelGesture(): void;
  selectionChanged(): void;
  newId(): ShapeId;
  topKey(): string;
  focus(): void;
}
