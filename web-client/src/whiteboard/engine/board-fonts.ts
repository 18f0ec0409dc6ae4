/** The board's fonts: faces by range of characters, loaded when a text first needs them. */
import fonts from "../../../../whiteboard/fonts/fonts.json";
import layout from "../../../../whiteboard/layout.json";
import type { TextRuler } from "../model/text-layout.ts";

/** A name of its own: a Noto that is installed may be of another version and width. */
const FAMILY = "Muster Board";

const urls = import.meta.glob<string>("../../../../whiteboard/fonts/*.woff2", {
  query: "?url",
  import: "default",
  eager: true,
});

export function cssFont(sizePx: number, bold: boolean): string {
  return `${bold ? 700 : 400} ${sizePx}px "${FAMILY}", "Noto Sans", system-ui, sans-serif`;
}

export class BoardFonts {
  readonly #asked = new Set<string>();

  /** `onCome`: faces are there that texts may have waited for; they have to be set and painted again. */
  constructor(onCome: () => void, signal: AbortSignal) {
    declare();
    // Measuring alone starts a load, too: only the event tells of every face that came.
    document.fonts.addEventListener("loadingdone", () => onCome(), { signal });
  }

  /** Starts what `text` lacks. */
  need(text: string, bold: boolean): void {
    const key = `${bold}${text}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    void loadFonts(text, bold);
  }
}

/** Resolves when every face that `text` needs is there, or cannot be had. */
export async function loadFonts(text: string, bold: boolean): Promise<void> {
  declare();
  await document.fonts.load(cssFont(16, bold), text).catch(() => []);
}

export function canvasRuler(): TextRuler {
  const context = document.createElement("canvas").getContext("2d");
  const size = layout.text.measure_size;
  let font = "";
  return (text, wanted, bold) => {
    if (!context || text === "") return 0;
    const next = cssFont(size, bold);
    if (next !== font) {
      context.font = next;
      font = next;
    }
    return (context.measureText(text).width * wanted) / size;
  };
}

let declared = false;

function declare(): void {
  if (declared) return;
  declared = true;
  for (const face of fonts.faces) {
    const url = urls[`../../../../whiteboard/fonts/${face.file}`];
    if (!url) continue;
    const hex = (code: number) => code.toString(16);
    const unicodeRange = face.ranges.map(([from = 0, to = 0]) => `U+${hex(from)}-${hex(to)}`).join(", ");
    document.fonts.add(
      new FontFace(FAMILY, `url(${url})`, { weight: String(face.weight), unicodeRange, display: "swap" }),
    );
  }
}
