/** The door to the engine's chunk: import it dynamically, when the board is first shown. */
import type { BoardEngine, BoardEvents, PictureSource } from "./board-engine.ts";
import { type BoardWords, CanvasBoard } from "./engine/canvas-board.ts";

export { renderShapes } from "./engine/render-shapes.ts";
export type { BoardWords };
export { CanvasBoard };

/** Mounts the engine into `container`, which must be positioned and have a size. */
export function openBoardEngine(
  container: HTMLElement,
  events: BoardEvents,
  pictures: PictureSource | null,
  words: BoardWords,
): BoardEngine {
  return new CanvasBoard(container, events, pictures, words);
}
