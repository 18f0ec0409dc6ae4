/** Which tab writes with which kept copy: a claim ends with its tab, however the tab ends. */

export type Release = () => void;

export interface Claims {
  /** Null = another tab holds it. */
  claim(name: string): Promise<Release | null>;
}

/** Web Locks: the browser frees them when a tab closes or crashes. */
export class LockClaims implements Claims {
  readonly #locks: LockManager;

  constructor(locks: LockManager) {
    this.#locks = locks;
  }

  claim(name: string): Promise<Release | null> {
    return new Promise((resolve) => {
      this.#locks
        .request(`muster-board/${name}`, { ifAvailable: true }, (lock) => {
          if (!lock) {
            resolve(null);
            return;
          }
          return new Promise<void>((release) => resolve(release));
        })
        .catch(() => resolve(null));
    });
  }
}

/** Without locks no tab can know that another one is gone, so nothing kept by a tab is ever taken over. */
export const noClaims: Claims = { claim: async () => null };
