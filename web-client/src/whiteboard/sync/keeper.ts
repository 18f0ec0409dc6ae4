/** What must outlive a reload, a crash and a dead link: page copies, changes that the server has not stored, refused ones. */
import type { ShapeId } from "../model/shape.ts";
import type { NackCode, PageNumber } from "./board-vocabulary.ts";

/** A shape after a change; null = it was removed. `made`: it was not there before. */
export interface KeptChange {
  readonly shape: ShapeId;
  readonly value: Uint8Array | null;
  readonly made: boolean;
}

/** One page as one Yjs client of one tab knows it. */
export interface CopyKey {
  readonly room: string;
  readonly person: string;
  readonly page: PageNumber;
  readonly epoch: number;
  /** 0 = a copy for reading: nobody writes with it. */
  readonly client: number;
}

export interface KeptUpdate {
  readonly id: number;
  readonly update: Uint8Array;
  readonly changes: readonly KeptChange[];
}

export interface KeptCopy {
  readonly key: CopyKey;
  readonly seq: number;
  readonly state: Uint8Array | null;
  /** Oldest first; all of them belong into the document. */
  readonly updates: readonly KeptUpdate[];
  /** Updates up to this id are stored by the server and need not be sent again. */
  readonly storedUpTo: number;
  readonly savedAt: number;
}

export type CopyNote = Pick<KeptCopy, "key" | "savedAt"> & { readonly waiting: boolean };

/** A refused change, kept for the person who made it. */
export interface Ghost {
  readonly id: string;
  readonly page: PageNumber;
  /** `gone`: the page is not there any more, or no longer shown to this person. */
  readonly code: NackCode | "gone";
  readonly at: number;
  readonly changes: readonly KeptChange[];
}

/**
 * Writes end after their commit and are applied in the order of the calls. Where the browser keeps nothing
 * (private mode, blocked frame) the memory does, for the life of the page.
 */
export interface Keeper {
  /** False = what it keeps ends with the page. */
  readonly lasting: boolean;
  /** Of one person in one room. */
  copies(room: string, person: string): Promise<readonly CopyNote[]>;
  load(key: CopyKey): Promise<KeptCopy | null>;
  /** Also forgets updates up to `storedUpTo`: the state has them. */
  saveState(key: CopyKey, seq: number, state: Uint8Array, storedUpTo: number): Promise<void>;
  /** Ids rise. */
  addUpdate(key: CopyKey, update: Uint8Array, changes: readonly KeptChange[]): Promise<number>;
  markStored(key: CopyKey, upTo: number): Promise<void>;
  drop(key: CopyKey): Promise<void>;
  ghosts(room: string, person: string): Promise<readonly Ghost[]>;
  addGhost(room: string, person: string, ghost: Ghost): Promise<void>;
  dropGhost(id: string): Promise<void>;
}

export function copyName({ room, person, page, epoch, client }: CopyKey): string {
  return `${room}/${person}/${page}/${epoch}/${client}`;
}
