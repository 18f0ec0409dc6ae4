/** Copy and paste: our own shapes whole, text as text, and drawings of Excalidraw. */
import type { Shape, ShapeId } from "../model/shape.ts";
import type { TextSetter } from "../model/text-layout.ts";

export type Pasted =
  | { readonly kind: "shapes"; readonly shapes: readonly Shape[]; readonly ours: boolean }
  | { readonly kind: "text"; readonly text: string };

type Drawings = typeof import("../model/excalidraw.ts");

/** Also what a locked page took away is kept here, so that it can be pasted later. */
let kept: { text: string; shapes: readonly Shape[] } | null = null;
let here: Drawings | null = null;

/** Fetched when something is selected: a copy event must be answered at once. Rejects without a network. */
export async function drawings(): Promise<Drawings> {
  here ??= await import("../model/excalidraw.ts");
  return here;
}

/** What goes to the system's clipboard: the words of texts alone, else an Excalidraw drawing; a promise until the codec is here. */
export function copied(
  shapes: readonly { id: ShapeId; shape: Shape }[],
  setter: TextSetter,
): string | Promise<string> {
  const words = shapes.map(({ shape }) =>
    shape.type === "text" || shape.type === "note" ? shape.text : null,
  );
  const keep = (text: string) => {
    kept = { text, shapes: shapes.map(({ shape }) => shape) };
    return text;
  };
  if (words.every((word) => word !== null)) return keep(words.join("\n"));
  if (here) return keep(here.toExcalidraw(shapes, setter));
  // Within this page they can be pasted already.
  keep("");
  return drawings().then(({ toExcalidraw }) => keep(toExcalidraw(shapes, setter)));
}

/** Null = there is nothing that a board can show. An empty text means: the system's clipboard could not be read. */
export async function pasted(text: string): Promise<Pasted | null> {
  // Windows turns line ends around.
  const plain = text.replaceAll("\r\n", "\n");
  if (kept && (plain === kept.text || plain === ""))
    return { kind: "shapes", shapes: kept.shapes, ours: true };
  const shapes = plain.trimStart().startsWith("{") ? (await drawings()).fromExcalidraw(plain) : null;
  if (shapes) return shapes.length > 0 ? { kind: "shapes", shapes, ours: false } : null;
  return plain.trim() === "" ? null : { kind: "text", text: plain.trim() };
}
