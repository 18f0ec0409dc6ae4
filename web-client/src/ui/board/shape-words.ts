/** A shape in words: what it is and where it stands. */
import type { ShapeEntry } from "../../whiteboard/a11y/shape-list.ts";
import type { BoardTranslate } from "../i18n/texts.ts";
import { COLOUR_NAMES, STAMP_NAMES } from "./style-names.ts";

export function whatOf(words: BoardTranslate, entry: ShapeEntry): string {
  const type = words(`shapes.type_${entry.type}`);
  const stamp = STAMP_NAMES.find((name) => name === entry.stamp);
  const colour = COLOUR_NAMES.find((name) => name === entry.colour);
  const parts = [
    stamp ? `${type}: ${words(`stamp.${stamp}`)}` : type,
    ...(colour && entry.type !== "image" ? [words(`colour.${colour}`).toLocaleLowerCase()] : []),
    ...(entry.text ? [`“${entry.text}”`] : []),
  ];
  return parts.join(", ");
}

export function whereOf(words: BoardTranslate, { row, column }: ShapeEntry): string {
  return row === "outside" || column === "outside"
    ? words("shapes.at_outside")
    : words(`shapes.at_${row}_${column}`);
}
