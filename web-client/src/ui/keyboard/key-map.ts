/** Which key means what: pure, so that the map, the help dialog and the tests agree. */

export type Command =
  | { readonly name: "help" | "mic" | "camera" | "hand" | "share" | "people" | "board" | "follow" | "back" }
  | { readonly name: "talk" }
  /** Counted from 0. */
  | { readonly name: "focus_tile"; readonly index: number };

export interface Key {
  readonly key: string;
  /** The place on the keyboard: serves those whose letters are not Latin. */
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

export interface KeyContext {
  /** The person's switch for one-letter keys (WCAG 2.2, 2.1.4). */
  readonly enabled: boolean;
  /** Text is being typed: every letter belongs to it. */
  readonly typing: boolean;
  /** A button, link, list or menu has the focus: space and digits belong to it. */
  readonly onControl: boolean;
  /** A dialog or a menu is open: only it listens. */
  readonly inOverlay: boolean;
}

const letters = {
  m: "mic",
  v: "camera",
  h: "hand",
  s: "share",
  p: "people",
  b: "board",
  f: "follow",
} as const;

export function commandFor(key: Key, context: KeyContext): Command | null {
  if (context.inOverlay || context.typing) return null;
  // Combined keys belong to the browser and to screen readers.
  if (key.ctrlKey || key.altKey || key.metaKey) return null;
  if (key.key === "Escape") return { name: "back" };
  if (!context.enabled) return null;
  if (key.key === "?") return { name: "help" };
  if (key.key === " ") return context.onControl ? null : { name: "talk" };
  const digit = /^[1-9]$/.exec(key.key);
  if (digit) return { name: "focus_tile", index: Number(digit[0]) - 1 };
  const letter = letterOf(key);
  return letter ? { name: letters[letter] } : null;
}

/** Shown by the help dialog, in this order. `keys` are texts of the keyboard itself. */
export const keyHelp = [
  { keys: ["keys.space"], text: "keys.talk" },
  { keys: ["M"], text: "keys.mic" },
  { keys: ["V"], text: "keys.camera" },
  { keys: ["H"], text: "keys.hand" },
  { keys: ["S"], text: "keys.share" },
  { keys: ["P"], text: "keys.people" },
  { keys: ["B"], text: "keys.board" },
  { keys: ["keys.range"], text: "keys.focus" },
  { keys: ["F"], text: "keys.follow" },
  { keys: ["keys.escape"], text: "keys.back" },
  { keys: ["?"], text: "keys.help" },
] as const;

function letterOf({ key, code }: Key): keyof typeof letters | null {
  const lower = key.toLowerCase();
  if (isLetter(lower)) return lower;
  // Only where the key gives no Latin letter at all: on AZERTY, the place of M is another letter.
  if (/^[a-z]$/.test(lower)) return null;
  const place = /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase();
  return place !== undefined && isLetter(place) ? place : null;
}

function isLetter(text: string): text is keyof typeof letters {
  return Object.hasOwn(letters, text);
}
