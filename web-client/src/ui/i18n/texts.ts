/** Loads one language and hands out its texts. */
import { createInstance, type i18n as I18n } from "i18next";
import {
  type BoardMessages,
  type BoardTextKey,
  LANGUAGES,
  type Language,
  type Messages,
  type TextKey,
} from "./messages.ts";

export type Direction = "ltr" | "rtl";
export type TextParams = Readonly<Record<string, string | number>>;
export type Translate = (key: TextKey, params?: TextParams) => string;
export type BoardTranslate = (key: BoardTextKey, params?: TextParams) => string;

export interface Texts {
  /** A BCP 47 tag; also what React Aria and Intl are given. */
  readonly language: string;
  readonly direction: Direction;
  readonly text: Translate;
  /** The whiteboard's words, fetched when they are first needed. */
  readonly board: () => Promise<BoardTranslate>;
}

const loaders: Readonly<Record<Language, () => Promise<{ readonly messages: Messages }>>> = {
  en: () => import("./language-en.ts"),
  es: () => import("./language-es.ts"),
  fr: () => import("./language-fr.ts"),
  nl: () => import("./language-nl.ts"),
};

const boardLoaders: Readonly<Record<Language, () => Promise<{ readonly messages: BoardMessages }>>> = {
  en: () => import("./board-language-en.ts"),
  es: () => import("./board-language-es.ts"),
  fr: () => import("./board-language-fr.ts"),
  nl: () => import("./board-language-nl.ts"),
};

/** The first of the person's languages that we speak; English otherwise. */
export function chooseLanguage(chosen: string | null, preferred: readonly string[]): Language {
  for (const tag of chosen ? [chosen, ...preferred] : preferred) {
    const base = tag.toLowerCase().split("-")[0];
    const known = LANGUAGES.find((language) => language === base);
    if (known) return known;
  }
  return "en";
}

export async function loadTexts(language: Language): Promise<Texts> {
  const { messages } = await loaders[language]();
  return createTexts(language, messages, "ltr", async () => (await boardLoaders[language]()).messages);
}

export function createTexts(
  language: string,
  messages: Readonly<Record<string, string>>,
  direction: Direction,
  boardMessages: () => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Texts {
  const spoken = speaker(language, messages);
  let board: Promise<BoardTranslate> | null = null;
  return {
    language,
    direction,
    text: (key, params) => spoken.t(key, { ...params }),
    board: () => {
      board ??= boardMessages().then((more) => {
        const words = speaker(language, more);
        return (key, params) => words.t(key, { ...params });
      });
      // What did not come over a bad link is asked for again.
      board.catch(() => {
        board = null;
      });
      return board;
    },
  };
}

function speaker(language: string, messages: Readonly<Record<string, string>>): I18n {
  const instance: I18n = createInstance();
  void instance.init({
    lng: language,
    resources: { [language]: { translation: messages } },
    initAsync: false,
    keySeparator: false,
    nsSeparator: false,
    // React escapes; doing it twice would show entities in names.
    interpolation: { escapeValue: false },
  });
  return instance;
}
