import { expect, test } from "vitest";
import { messages as boardEn } from "./board-language-en.ts";
import { messages as boardEs } from "./board-language-es.ts";
import { messages as boardFr } from "./board-language-fr.ts";
import { messages as boardNl } from "./board-language-nl.ts";
import { messages as en } from "./language-en.ts";
import { messages as es } from "./language-es.ts";
import { messages as fr } from "./language-fr.ts";
import { messages as nl } from "./language-nl.ts";
import { type BoardMessages, LANGUAGES, type Language, type Messages } from "./messages.ts";
import { longTexts, rightToLeftTexts } from "./pseudo.ts";
import { chooseLanguage, createTexts } from "./texts.ts";

const all: Readonly<Record<Language, Messages>> = { en, es, fr, nl };
const boards: Readonly<Record<Language, BoardMessages>> = {
  en: boardEn,
  es: boardEs,
  fr: boardFr,
  nl: boardNl,
};
const parts: readonly [string, Readonly<Record<Language, Words>>][] = [
  ["the room", all],
  ["the board", boards],
];
const cases = parts.flatMap(([part, words]) => LANGUAGES.map((language) => ({ part, words, language })));
const categories = ["zero", "one", "two", "few", "many", "other"];
type Words = Readonly<Record<string, string>>;
const pluralBases = [...Object.keys(en), ...Object.keys(boardEn)]
  .filter((key) => key.endsWith("_other"))
  .map((key) => key.slice(0, -"_other".length));

test.each(cases)(
  "$language has every text of $part, and every plural form that its grammar asks for",
  ({ words, language }) => {
    const needed = new Set(Object.keys(words.en).filter((key) => !isPlural(key)));
    for (const base of pluralBases.filter((one) => `${one}_other` in words.en))
      for (const category of new Intl.PluralRules(language).resolvedOptions().pluralCategories)
        needed.add(`${base}_${category}`);
    expect(new Set(Object.keys(words[language]))).toEqual(needed);
  },
);

test.each(cases)(
  "$language leaves no text of $part empty and keeps every parameter",
  ({ words, language }) => {
    for (const [key, text] of Object.entries(words[language])) {
      expect(text.trim(), key).not.toBe("");
      const origin = words.en[key] ?? words.en[`${baseOf(key)}_other`];
      const allowed = new Set([...parameters(origin ?? ""), "count", "names"]);
      for (const parameter of parameters(text)) expect(allowed, key).toContain(parameter);
      if (!isPlural(key)) expect(parameters(text).sort(), key).toEqual(parameters(origin ?? "").sort());
    }
  },
);

test("a plural picks its form and puts the number in", () => {
  const { text } = createTexts("nl", nl, "ltr");
  expect(text("room.people_count", { count: 1 })).toBe("1 persoon in de les");
  expect(text("room.people_count", { count: 12 })).toBe("12 personen in de les");
});

test("a name is never escaped: React does that", () => {
  const { text } = createTexts("en", en, "ltr");
  expect(text("people.actions_for", { name: "O’Neil & <Sons>" })).toBe("Actions for O’Neil & <Sons>");
});

test("the chosen language wins, then the browser's, then English", () => {
  expect(chooseLanguage("nl", ["fr"])).toBe("nl");
  expect(chooseLanguage(null, ["pt-BR", "es-MX"])).toBe("es");
  expect(chooseLanguage("xx", ["de"])).toBe("en");
});

test("the long pseudo-language is at least 40 % longer and keeps parameters", () => {
  const { text } = longTexts();
  const plain = createTexts("en", en, "ltr").text;
  expect(text("left.body").length).toBeGreaterThanOrEqual(plain("left.body").length * 1.4);
  expect(text("ended.body_by", { name: "Zoë" })).toContain("Zoë");
});

test("the other pseudo-language runs from right to left and has Arabic plurals", () => {
  const texts = rightToLeftTexts();
  expect(texts.direction).toBe("rtl");
  for (const count of [0, 1, 2, 5, 50, 100])
    expect(texts.text("room.people_count", { count })).toContain(String(count));
});

function isPlural(key: string): boolean {
  return pluralBases.includes(baseOf(key)) && categories.some((category) => key.endsWith(`_${category}`));
}

function baseOf(key: string): string {
  return key.slice(0, key.lastIndexOf("_"));
}

function parameters(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? "");
}
