/** Sets text in lines by the rules of whiteboard/layout.json, as the server's painter does. Widths come from a ruler. */
import layout from "../../../../whiteboard/layout.json";
import { FLAG, type Note, type Text } from "./shape.ts";

/** Measures with the board's fonts; units are those of `size`. */
export type TextRuler = (text: string, size: number, bold: boolean) => number;

export interface TextLine {
  readonly text: string;
  readonly width: number;
  /** Of its paragraph: the side at which it starts. */
  readonly rtl: boolean;
}

export interface SetText {
  readonly lines: readonly TextLine[];
  /** A note's text may be smaller than the note says, so that it fits. */
  readonly size: number;
  readonly height: number;
}

export class TextSetter {
  #ruler: TextRuler;
  #known = new WeakMap<Text | Note, SetText>();

  constructor(ruler: TextRuler) {
    this.#ruler = ruler;
  }

  lay(shape: Text | Note): SetText {
    const known = this.#known.get(shape);
    if (known) return known;
    const bold = (shape.flags & FLAG.bold) !== 0;
    const set =
      shape.type === "text"
        ? setIn(shape.text, shape.width, shape.size, bold, this.#ruler)
        : setNote(shape, bold, this.#ruler);
    this.#known.set(shape, set);
    return set;
  }

  /** A font has come: every width may be another. A new ruler, as a canvas keeps the fonts that it once resolved. */
  forget(ruler: TextRuler): void {
    this.#ruler = ruler;
    this.#known = new WeakMap();
  }
}

/** The lines of `text` no wider than `width`, but for single characters. */
export function wrap(text: string, width: number, measure: (part: string) => number): TextLine[] {
  return text.split("\n").flatMap((paragraph) => {
    const rtl = runsRightToLeft(paragraph);
    return wrapParagraph(paragraph.replaceAll("\t", " ".repeat(layout.text.tab_spaces)), width, measure).map(
      (line) => ({ text: line, width: measure(line), rtl }),
    );
  });
}

/** By the first letter whose direction is strong (Unicode Bidirectional Algorithm, rules P2 and P3). */
export function runsRightToLeft(text: string): boolean {
  const letter = /\p{L}/u.exec(text)?.[0];
  return letter !== undefined && RIGHT_TO_LEFT.test(letter);
}

const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u;
/** After spaces, after hyphens, and around ideographs. */
const PIECES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}] *|[^ \-\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]*(?:-+| +|$)|[^ \-\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function wrapParagraph(text: string, width: number, measure: (part: string) => number): string[] {
  const lines: string[] = [];
  let line = "";
  const fits = (candidate: string) => measure(candidate.trimEnd()) <= width;
  for (const piece of text.match(PIECES) ?? []) {
    if (piece === "") continue;
    if (fits(line + piece)) {
      line += piece;
      continue;
    }
    if (line !== "") lines.push(line.trimEnd());
    line = piece;
    if (fits(piece)) continue;
    line = "";
    for (const { segment } of graphemes.segment(piece)) {
      if (line !== "" && !fits(line + segment)) {
        lines.push(line);
        line = "";
      }
      line += segment;
    }
  }
  lines.push(line.trimEnd());
  return lines;
}

function setIn(text: string, width: number, size: number, bold: boolean, ruler: TextRuler): SetText {
  const lines = wrap(text, width, (part) => ruler(part, size, bold));
  return { lines, size, height: lines.length * size * layout.text.line_height };
}

function setNote(note: Note, bold: boolean, ruler: TextRuler): SetText {
  const { padding, shrink, least_size } = layout.note;
  const width = Math.max(0, note.width - 2 * padding);
  const height = Math.max(0, note.height - 2 * padding);
  let size = note.size;
  let set = setIn(note.text, width, size, bold, ruler);
  while (set.height > height && size > least_size) {
    size = Math.max(least_size, size * shrink);
    set = setIn(note.text, width, size, bold, ruler);
  }
  return set;
}
