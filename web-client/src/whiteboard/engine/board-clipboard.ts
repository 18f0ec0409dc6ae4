/** Copy and paste: our own shapes whole, text as text, and drawings of Excalidraw. */

import { fromExcalidraw } from "../model/excalidraw-in.ts";
import { toExcalidraw } from "../model/excalidraw-out.ts";
import type { Shape, ShapeId } from "../model/shape.ts";
import type { TextSetter } from "../model/text-layout.ts";

export type Pasted =
  | { readonly kind: "shapes"; readonly shapes: readonly Shape[]; readonly ours: boolean }
  | { readonly kind: "text"; readonly text: string };

/** Also what a locked page took away is kept here, so that it can be pasted later. */
let kept: { text: string; shapes: readonly Shape[] } | null = null;

/** What goes to the system's clipboard: the words of texts alone, else an Excalidraw drawing. */
export function copied(shapes: readonly { id: ShapeId; shape: Shape }[], setter: TextSetter): string {
  const words = shapes.map(({ shape }) =>
    shape.type === "text" || shape.type === "note" ? shape.text : null,
  );
  const text = words.every((word) => word !== null) ? words.join("\n") : toExcalidraw(shapes, setter);
  kept = { text, shapes: shapes.map(({ shape }) => shape) };
  return text;
}

/** Null = there is nothing that a board can show. An empty text means: the system's clipboard could not be read. */
export function pasted(text: string): Pasted | null {
  // Windows turns line ends around.
  const plain = text.replaceAll("\r\n", "\n");
  if (kept && (plain === kept.text || plain === ""))
    return { kind: "shapes", shapes: kept.shapes, ours: true };
  const shapes = fromExcalidraw(plain);
  if (shapes) return shapes.length > 0 ? { kind: "shapes", shapes, ours: false } : null;
  return plain.trim() === "" ? null : { kind: "text", text: plain.trim() };
}
