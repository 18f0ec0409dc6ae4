/** The board's colours by their index on the wire (whiteboard/palette.json). */
import palette from "../../../../whiteboard/palette.json";

export const COLOURS: readonly { readonly index: number; readonly name: string; readonly value: string }[] =
  palette.colours.map(({ index, name, light }) => ({ index, name, value: light }));

/** Indexes over the palette's are black; 0 is no colour and must not be asked for. The page is light in both themes. */
export function colourOf(index: number): string {
  return COLOURS[index - 1]?.value ?? COLOURS[0]?.value ?? "#000000";
}

export function colourName(index: number): string {
  return index === 0 ? "" : (COLOURS[index - 1]?.name ?? COLOURS[0]?.name ?? "");
}

/** A colour thinned with white: `share` of white. */
export function tinted(colour: string, share: number): string {
  const value = Number.parseInt(colour.slice(1), 16);
  const mix = (shift: number) => {
    const channel = (value >> shift) & 0xff;
    return Math.round(channel + (255 - channel) * share);
  };
  return `rgb(${mix(16)} ${mix(8)} ${mix(0)})`;
}
