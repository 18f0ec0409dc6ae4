/** The page in words: every shape in reading order, for a list that a screen reader walks. */
import type { ShapeId, ShapeType } from "../model/shape.ts";

export interface ShapeEntry {
  readonly id: ShapeId;
  /** An ink shape with the highlighter flag is a "highlighter", a line with heads an "arrow". */
  readonly type: ShapeType | "highlighter" | "arrow";
  /** A palette name for strokes and outlines; the paper's for notes; empty for images. */
  readonly colour: string;
  readonly stamp: string;
  /** Text, or the alternative text of an image. */
  readonly text: string;
  readonly author: string;
  readonly mine: boolean;
  readonly editable: boolean;
  readonly ghost: string | null;
  /** Where its middle is on the page, in thirds. */
  readonly column: "left" | "middle" | "right" | "outside";
  readonly row: "top" | "middle" | "bottom" | "outside";
}
