/** Follows a room by its version (docs/protocol.md section 2.2): changes in their order, and one full state for every gap. */
import type { Participant, ParticipantId, RoomSnapshot } from "../protocol/vocabulary.ts";
import { participantChanged, participantLeft, snapshotArrived } from "./changes.ts";
import type { RoomStore } from "./room-store.ts";

export class RoomFollower {
  readonly #store: RoomStore;
  readonly #sync: () => Promise<RoomSnapshot | null>;
  #version = 0;
  #syncing = false;

  /** `sync` asks for a full state; null = it could not be had, or is not wanted any more. */
  constructor(store: RoomStore, sync: () => Promise<RoomSnapshot | null>) {
    this.#store = store;
    this.#sync = sync;
  }

  state(snapshot: RoomSnapshot): void {
    this.#version = snapshot.version;
    this.#store.setState((state) => snapshotArrived(state, snapshot, Date.now()));
  }

  changed(version: number, participant: Participant): void {
    if (this.#follows(version)) this.#store.setState((state) => participantChanged(state, participant));
  }

  left(version: number, participant: ParticipantId): void {
    if (this.#follows(version)) this.#store.setState((state) => participantLeft(state, participant));
  }

  /** False = a gap or an old change. */
  #follows(version: number): boolean {
    if (version === this.#version + 1) {
      this.#version = version;
      return true;
    }
    if (version > this.#version) void this.#mend();
    return false;
  }

  /** One state mends every gap before it, so one at a time is asked for. */
  async #mend(): Promise<void> {
    if (this.#syncing) return;
    this.#syncing = true;
    const snapshot = await this.#sync();
    this.#syncing = false;
    if (snapshot) this.state(snapshot);
  }
}
