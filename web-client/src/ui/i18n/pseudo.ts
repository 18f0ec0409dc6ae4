/** Two languages that no one speaks, to find cut texts and wrong sides. Development only: the gallery loads them. */
import { messages as boardMessages } from "./board-language-en.ts";
import { messages } from "./language-en.ts";
import { createTexts, type Texts } from "./texts.ts";

const accents: Readonly<Record<string, string>> = {
  a: "á",
  e: "é",
  i: "í",
  o: "ó",
  u: "ú",
  A: "Å",
  E: "É",
  I: "Î",
  O: "Ö",
  U: "Û",
  c: "ç",
  n: "ñ",
  s: "š",
  y: "ý",
};

/** English with accents, 40 % longer. */
export function longTexts(): Texts {
  return createTexts("en-XA", rewritten(messages, stretched), "ltr", async () =>
    rewritten(boardMessages, stretched),
  );
}

/** English with Arabic letters around it, on a page that runs from right to left. */
export function rightToLeftTexts(): Texts {
  const arabic = (words: Words) => withArabicPlurals(rewritten(words, (text) => `\u200f\u0639${text}\u0639`));
  return createTexts("ar-XB", arabic(messages), "rtl", async () => arabic(boardMessages));
}

type Words = Readonly<Record<string, string>>;

function rewritten(words: Words, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(words).map(([key, text]) => [key, change(text)]));
}

function withArabicPlurals(texts: Record<string, string>): Record<string, string> {
  const more: Record<string, string> = {};
  for (const [key, text] of Object.entries(texts)) {
    if (!key.endsWith("_other")) continue;
    const base = key.slice(0, -"other".length);
    for (const category of ["zero", "two", "few", "many"]) more[base + category] = text;
  }
  return { ...texts, ...more };
}

function stretched(text: string): string {
  const parts = text.split(/(\{\{\w+\}\})/);
  const accented = parts.map((part) =>
    part.startsWith("{{") ? part : part.replace(/[aeiouAEIOUcnsy]/g, (letter) => accents[letter] ?? letter),
  );
  return `${accented.join("")} ${"lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor".slice(0, Math.ceil(text.length * 0.4))}`;
}
