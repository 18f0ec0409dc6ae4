/** Types of the texts: every key of English must exist in every language. */
import type { messages } from "./language-en.ts";

type EnglishKey = keyof typeof messages;
type PluralCategory = "zero" | "one" | "two" | "few" | "many" | "other";

type PluralBase = EnglishKey extends infer Key ? (Key extends `${infer Base}_other` ? Base : never) : never;

/** What a component asks for: plural forms are one key. */
export type TextKey = Exclude<EnglishKey, `${PluralBase}_one` | `${PluralBase}_other`> | PluralBase;

/** A language has every English key, and may have more plural forms. */
export type Messages = Readonly<Record<EnglishKey, string>> &
  Readonly<Record<`${string}_${PluralCategory}`, string>>;

export const LANGUAGES = ["en", "es", "fr", "nl"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Names in their own language: a person who cannot read the page must still find it. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  es: "Español",
  fr: "Français",
  nl: "Nederlands",
};
