/** Every tool under its name; "hand" is none, as the engine moves the page itself. */
import type { ToolName } from "../board-engine.ts";
import { eraser } from "./eraser-tool.ts";
import { highlighter, pen } from "./ink-tool.ts";
import { laser } from "./laser-tool.ts";
import { note, stamp, text } from "./place-tool.ts";
import { lasso, select } from "./select-tool.ts";
import { arrow, ellipse, line, rectangle } from "./shape-tool.ts";
import type { Tool } from "./tool.ts";

export const TOOL_TABLE: Readonly<Record<Exclude<ToolName, "hand">, Tool>> = {
  select,
  lasso,
  pen,
  highlighter,
  line,
  arrow,
  rectangle,
  ellipse,
  text,
  note,
  stamp,
  eraser,
  laser,
};

export const CURSORS: Readonly<Record<ToolName, string>> = {
  select: "default",
  lasso: "crosshair",
  hand: "grab",
  pen: "crosshair",
  highlighter: "crosshair",
  line: "crosshair",
  arrow: "crosshair",
  rectangle: "crosshair",
  ellipse: "crosshair",
  text: "text",
  note: "copy",
  stamp: "copy",
  eraser: "none",
  laser: "none",
};
