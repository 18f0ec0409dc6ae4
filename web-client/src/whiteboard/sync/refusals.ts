/** What becomes of changes that the server refused: pure. */
import type { ShapeId } from "../model/shape.ts";
import type { NackCode } from "./board-vocabulary.ts";
import type { KeptChange } from "./keeper.ts";

/** A change that is to be done again in the present document. */
export interface Rewrite {
  readonly changes: readonly KeptChange[];
  readonly code: NackCode;
}

export interface Verdict {
  /** Handed back to the person, each with its reason. */
  readonly ghosts: readonly Rewrite[];
  readonly rewrites: readonly Rewrite[];
  /** Not at once: the server asks for patience. */
  readonly wait: boolean;
}

/** Everything that follows will be refused for the same reason. */
const FOR_ALL: ReadonlySet<NackCode> = new Set<NackCode>(["locked", "read_only", "page_full"]);
/** Nobody's fault: the change itself is good. */
const PASSING: ReadonlySet<NackCode> = new Set<NackCode>(["gap", "epoch", "too_fast", "storage"]);
const PATIENCE: ReadonlySet<NackCode> = new Set<NackCode>(["too_fast", "storage"]);

/** `refused`: the update that was named and those behind it, oldest first. `enough`: trying again did not help. */
export function afterRefusal(
  refused: readonly { readonly changes: readonly KeptChange[] }[],
  code: NackCode,
  enough: boolean,
): Verdict {
  const all = refused.map(({ changes }) => ({ changes, code }));
  const wait = PATIENCE.has(code);
  if (FOR_ALL.has(code) || enough) return { ghosts: all, rewrites: [], wait };
  if (PASSING.has(code)) return { ghosts: [], rewrites: all, wait };
  return { ghosts: all.slice(0, 1), rewrites: all.slice(1), wait };
}

/** A shape that somebody removed in the meantime is not brought back by a move of it. */
export function editsOf(
  changes: readonly KeptChange[],
  exists: (shape: ShapeId) => boolean,
): ReadonlyMap<ShapeId, Uint8Array | null> {
  const edits = new Map<ShapeId, Uint8Array | null>();
  for (const { shape, value, made } of changes)
    if (made || value === null || exists(shape) || edits.has(shape)) edits.set(shape, value);
  return edits;
}
