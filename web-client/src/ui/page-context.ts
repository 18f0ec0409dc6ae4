/** What every component may use: the store, the actions, the preferences and the texts. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { Preferences, PreferencesStore } from "../state/preferences.ts";
import type { RoomActions } from "../state/room-actions.ts";
import type { RoomState } from "../state/room-state.ts";
import type { RoomStore } from "../state/room-store.ts";
import type { Texts, Translate } from "./i18n/texts.ts";

export interface Page {
  readonly store: RoomStore;
  readonly actions: RoomActions;
  readonly preferences: PreferencesStore;
  readonly texts: Texts;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error("a component stands outside of the page");
  return page;
}

export function useRoom<Part>(select: (state: RoomState) => Part): Part {
  return useStore(usePage().store, select);
}

export function usePreferences<Part>(select: (preferences: Preferences) => Part): Part {
  return useStore(usePage().preferences, select);
}

export function useActions(): RoomActions {
  return usePage().actions;
}

export function useText(): Translate {
  return usePage().texts.text;
}
