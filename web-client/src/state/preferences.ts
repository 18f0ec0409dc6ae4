/** What a person chose on this machine, remembered for the next class. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { DeviceKind } from "./room-state.ts";

export type Theme = "system" | "light" | "dark";

export interface Preferences {
  readonly name: string;
  /** Null: as the browser prefers. */
  readonly language: string | null;
  readonly theme: Theme;
  /** One-letter keys can be turned off (WCAG 2.2, 2.1.4). */
  readonly keys: boolean;
  readonly mic: boolean;
  readonly camera: boolean;
  readonly devices: Readonly<Partial<Record<DeviceKind, string>>>;
}

export type PreferencesStore = StoreApi<Preferences>;

/** Where they are kept; must never throw, for in a blocked iframe there is no storage at all. */
export interface PreferencesKeeper {
  get(name: string): string | null;
  set(name: string, value: string): void;
}

const KEY = "muster.preferences";

export const defaultPreferences: Preferences = {
  name: "",
  language: null,
  theme: "system",
  keys: true,
  mic: true,
  camera: true,
  devices: {},
};

export function createPreferences(keeper: PreferencesKeeper): PreferencesStore {
  const store = createStore<Preferences>(() => parsePreferences(keeper.get(KEY)));
  store.subscribe((preferences) => keeper.set(KEY, JSON.stringify(preferences)));
  return store;
}

/** Anything may stand in storage: what does not fit is taken from the defaults. */
export function parsePreferences(text: string | null): Preferences {
  const stored = parseObject(text);
  const devices = isObject(stored.devices) ? stored.devices : {};
  return {
    name: typeof stored.name === "string" ? stored.name.slice(0, 64) : defaultPreferences.name,
    language: typeof stored.language === "string" ? stored.language : defaultPreferences.language,
    theme: stored.theme === "light" || stored.theme === "dark" ? stored.theme : defaultPreferences.theme,
    keys: typeof stored.keys === "boolean" ? stored.keys : defaultPreferences.keys,
    mic: typeof stored.mic === "boolean" ? stored.mic : defaultPreferences.mic,
    camera: typeof stored.camera === "boolean" ? stored.camera : defaultPreferences.camera,
    devices: {
      ...(typeof devices.mic === "string" && { mic: devices.mic }),
      ...(typeof devices.camera === "string" && { camera: devices.camera }),
      ...(typeof devices.speaker === "string" && { speaker: devices.speaker }),
    },
  };
}

function parseObject(text: string | null): Record<string, unknown> {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
