/** The words for what can be chosen: colours by their index in the palette, stamps, widths, sizes. */
import { COLOURS } from "../../whiteboard/model/palette.ts";
export const COLOUR_NAMES = [
  "black",
  "grey",
  "red",
  "orange",
  "yellow",
  "green",
  "teal",
  "blue",
  "violet",
  "pink",
  "brown",
  "white",
] as const;

export const STAMP_NAMES = [
  "tick",
  "cross",
  "question",
  "exclamation",
  "star",
  "heart",
  "thumb",
  "circle",
  "arrow",
] as const;

/** In half units, as on the wire. */
export const WIDTHS = [
  { name: "thin", value: 4 },
  { name: "medium", value: 8 },
  { name: "thick", value: 16 },
  { name: "marker", value: 32 },
] as const;

/** In page units. */
export const TEXT_SIZES = [
  { name: "small", value: 24 },
  { name: "medium", value: 36 },
  { name: "large", value: 56 },
  { name: "huge", value: 88 },
] as const;

export function valueOfColour(index: number): string {
  return COLOURS[index - 1]?.value ?? "#000";
}

export function thickness(halfUnits: number): string {
  return `${Math.min(12, Math.max(2, halfUnits / 3))}px`;
}
