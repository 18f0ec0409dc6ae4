/** What a person can do: the face of `session.ts` towards the screens. */
import type { Moderation, TileView } from "../protocol/vocabulary.ts";
import type { DeviceKind } from "./room-state.ts";

/** The secret of the link, read from the fragment, which is then taken out of the address. */
export type Credential =
  | { readonly kind: "ticket"; readonly ticket: string }
  | { readonly kind: "invitation"; readonly invitation: string };

export interface JoinChoice {
  /** Only used with an invitation; already trimmed and in NFC. */
  readonly name: string;
}

/**
 * Every method returns at once and never throws: what comes of it is seen in the store, and what fails
 * becomes a phase, a device problem or a notice.
 */
export interface RoomActions {
  /**
   * opening -> joining or refused. A ticket is exchanged at once; an invitation waits for the name, so only its
   * form is checked. `null` resumes the token that this tab kept over a reload, or is refused as `no_link`.
   */
  open(credential: Credential | null): void;
  /** joining -> connecting -> room. Publishes what `mic.on` and `camera.on` say. */
  join(choice: JoinChoice): void;
  leave(): void;
  /** left -> connecting, or refused when the token is no longer good. */
  rejoin(): void;
  /** reconnecting or refused with `unreachable`: try now instead of waiting for the next attempt. */
  retryNow(): void;

  /** Asks for the devices that are wanted and fills `mic`, `camera` and `devices`; also the retry after a refusal. */
  startPreview(wanted: { readonly mic: boolean; readonly camera: boolean }): void;
  /** Works on the join page (preview) and in the room (publishing). */
  setMic(on: boolean): void;
  setCamera(on: boolean): void;
  /** Must be called from a click: the browser shows its own picker. */
  setScreen(on: boolean): void;
  /** Opens the microphone while held, without changing `mic.on`; writes `talking`. */
  pushToTalk(held: boolean): void;
  /** Swaps the device without renegotiation. For "speaker" it only records the choice; the page plays the sound. */
  selectDevice(kind: DeviceKind, id: string): void;
  /** Writes `network`. */
  checkNetwork(): void;

  setHand(raised: boolean): void;
  /** What can be seen now, most important first; called when it changes, at most four times a second. */
  setView(tiles: readonly TileView[]): void;
  moderate(moderation: Moderation): void;

  /** Level of the own microphone, 0 to 1, about 20 times a second while it runs. Returns the way to stop listening. */
  onMicLevel(listener: (level: number) => void): () => void;
}
