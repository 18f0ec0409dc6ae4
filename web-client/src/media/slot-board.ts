/** Who is on which receive slot: slot changes in, changed pictures and sounds out. Knows no connection. */
import type { SlotChange } from "../protocol/messages.ts";
import type { ParticipantId } from "../protocol/vocabulary.ts";
import { type Picture, type PictureKey, pictureKey, type Sound } from "../state/room-state.ts";
import type { SectionUse } from "./sections.ts";

/** The peer's face that is needed here. */
export interface Slots {
  use(mid: string): SectionUse | null;
  stream(mid: string): MediaStream | null;
  soundMids(): string[];
}

export interface BoardChange {
  /** `null` = nothing carries this picture any more. */
  readonly pictures: ReadonlyMap<PictureKey, Picture | null>;
  readonly sounds: readonly Sound[];
}

export class SlotBoard {
  readonly #slots: Slots;
  readonly #pictureOf = new Map<string, PictureKey>();
  readonly #speakerOf = new Map<string, ParticipantId | null>();

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  apply(changes: readonly SlotChange[]): BoardChange {
    const pictures = new Map<PictureKey, Picture | null>();
    const shown = changes.filter((change) => this.#shows(change.mid));
    // Free first, so that a picture which moved to another slot of the same message stays.
    for (const change of shown) {
      const before = this.#pictureOf.get(change.mid);
      if (before) pictures.set(before, null);
      this.#pictureOf.delete(change.mid);
    }
    for (const change of shown) {
      if (change.participant === null || change.source === null || change.source === "mic") continue;
      const key = pictureKey(change.source, change.participant);
      this.#pictureOf.set(change.mid, key);
      // Paused keeps the stream: the tile shows its last frame, dimmed and labelled.
      const stream = change.state === "waiting" ? null : this.#slots.stream(change.mid);
      pictures.set(key, { stream, state: change.state });
    }
    for (const change of changes) {
      if (!this.#shows(change.mid)) this.#speakerOf.set(change.mid, change.participant);
    }
    return { pictures, sounds: this.#sounds() };
  }

  /** Every sound slot plays from the start, so that the first word of a speaker is not lost. */
  #sounds(): Sound[] {
    return this.#slots.soundMids().flatMap((mid) => {
      const stream = this.#slots.stream(mid);
      return stream ? [{ id: mid, stream, participant: this.#speakerOf.get(mid) ?? null }] : [];
    });
  }

  #shows(mid: string): boolean {
    const use = this.#slots.use(mid);
    return use === "video" || use === "screen_view";
  }
}
