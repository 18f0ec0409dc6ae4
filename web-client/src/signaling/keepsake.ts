/** What the browser keeps for us. In an iframe with blocked storage everything still works, for the life of the page. */

export interface Keepsake {
  get(name: string): string | null;
  set(name: string, value: string | null): void;
}

/** `open` may throw (blocked storage), and so may every later call (quota, private mode). */
export function keepsake(open: () => Storage): Keepsake {
  const memory = new Map<string, string>();
  let storage: Storage | null = null;
  try {
    storage = open();
  } catch {
    storage = null;
  }
  return {
    get(name) {
      try {
        return storage?.getItem(name) ?? memory.get(name) ?? null;
      } catch {
        return memory.get(name) ?? null;
      }
    },
    set(name, value) {
      if (value === null) memory.delete(name);
      else memory.set(name, value);
      try {
        if (value === null) storage?.removeItem(name);
        else storage?.setItem(name, value);
      } catch {
        // Memory has it.
      }
    },
  };
}

/** 128 random bits, URL-safe. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The value under `name`, made at its first use. */
export function kept(store: Keepsake, name: string): string {
  const known = store.get(name);
  if (known) return known;
  const fresh = randomId();
  store.set(name, fresh);
  return fresh;
}
