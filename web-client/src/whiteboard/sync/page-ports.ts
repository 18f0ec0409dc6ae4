/** What a page needs of the board around it. */
import type { Clock } from "./clock.ts";
import type { CopyShelf } from "./copy-shelf.ts";
import type { Ghost } from "./keeper.ts";

/** The moves between them are in page-sync.ts. */
export type PageStatus = "idle" | "loading" | "local" | "opening" | "filling" | "live" | "gone";

export interface PagePorts {
  readonly shelf: CopyShelf;
  readonly clock: Clock;
  readonly randomId: () => string;
  /** Null = no connection. */
  request(type: string, fields: object): Promise<{ readonly ok: boolean; readonly code?: string }>;
  send(frame: Uint8Array<ArrayBuffer>): boolean;
  /** An acknowledgement is awaited from now on. */
  watch(): void;
  /** Something that the store shows is different. */
  changed(): void;
  refused(ghost: Ghost): void;
  /** The browser could not keep a change: only this tab has it. */
  unkept(): void;
  /** The person of this tab. */
  readonly person: string;
}
