/** Types of the texts: every key of English must exist in every language. */
import type { messages as boardMessages } from "./board-language-en.ts";
import type { messages } from "./language-en.ts";

type EnglishKey = keyof typeof messages;
type BoardEnglishKey = keyof typeof boardMessages;
type PluralCategory = "zero" | "one" | "two" | "few" | "many" | "other";

type PluralBaseOf<Keys> = Keys extends `${infer Base}_other` ? Base : never;
/** What a component asks for: plural forms are one key. */
type Asked<Keys extends string> =
  | Exclude<Keys, `${PluralBaseOf<Keys>}_one` | `${PluralBaseOf<Keys>}_other`>
  | PluralBaseOf<Keys>;
/** A language has every English key, and may have more plural forms. */
type Spoken<Keys extends string> = Readonly<Record<Keys, string>> &
  Readonly<Record<`${string}_${PluralCategory}`, string>>;

export type TextKey = Asked<EnglishKey>;
export type Messages = Spoken<EnglishKey>;
/** The whiteboard's words are a part of their own, loaded with it. */
export type BoardTextKey = Asked<BoardEnglishKey>;
export type BoardMessages = Spoken<BoardEnglishKey>;

export const LANGUAGES = ["en", "es", "fr", "nl"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Names in their own language: a person who cannot read the page must still find it. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  es: "Español",
  fr: "Français",
  nl: "Nederlands",
};
