/** The door to the engine's chunk: import it dynamically, when the board is first shown. */
import type { BoardEngine, BoardEvents, PictureSource } from "./board-engine.ts";
import { type BoardWords, CanvasBoard } from "./engine/canvas-board.ts";

export { renderShapes } from "./engine/render-shapes.ts";
export { CanvasBoard };

export interface BoardNeeds {
  readonly events: BoardEvents;
  readonly pictures: PictureSource | null;
  /** Names for screen readers; without them the container's own name serves. */
  readonly words?: BoardWords;
}

/** Mounts the engine into `container`, which must be positioned and have a size. */
export function createBoardEngine(container: HTMLElement, needs: BoardNeeds): BoardEngine {
  const name = container.getAttribute("aria-label") ?? "";
  return new CanvasBoard(container, needs.events, needs.pictures, needs.words ?? { board: name, text: name });
}
