/** What the live region says, one sentence at a time: joins, hands and leaves are gathered, not poured out. */

export type Gathered = "joined" | "left" | "hand" | "screen";

export type Announcement =
  /** Names of those to whom it happened since the last sentence. */
  | { readonly kind: Gathered; readonly names: readonly string[] }
  /** Said as it is; a newer one with the same topic replaces one that waits. */
  | { readonly kind: "words"; readonly topic: string; readonly words: string };

/** More than these wait only in a storm; the oldest give way. */
const WAITING_KEPT = 6;

/** Pure: whoever owns it asks for the next sentence when the last one has been read. */
export class AnnouncementQueue {
  #waiting: Announcement[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  happened(kind: Gathered, name: string): void {
    const same = this.#waiting.findIndex((entry) => entry.kind === kind);
    const entry = this.#waiting[same];
    if (entry && entry.kind !== "words") this.#waiting[same] = { kind, names: [...entry.names, name] };
    else this.#push({ kind, names: [name] });
  }

  say(topic: string, words: string): void {
    this.#waiting = this.#waiting.filter((entry) => entry.kind !== "words" || entry.topic !== topic);
    this.#push({ kind: "words", topic, words });
  }

  next(): Announcement | undefined {
    return this.#waiting.shift();
  }

  #push(entry: Announcement): void {
    this.#waiting.push(entry);
    if (this.#waiting.length > WAITING_KEPT) this.#waiting.shift();
  }
}
