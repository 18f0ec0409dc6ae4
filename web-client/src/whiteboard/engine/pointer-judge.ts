/** Decides what a finger, pen or mouse that comes down is for: drawing, moving the page, pinching, or nothing (a palm). */

export interface Contact {
  readonly id: number;
  readonly type: "mouse" | "pen" | "touch";
  /** 0 = main button or contact, 1 = middle, 2 = secondary, 5 = a pen's eraser end. */
  readonly button: number;
  /** CSS pixels of the contact's longer side; 0 or 1 where the device does not tell. */
  readonly size: number;
  readonly time: number;
}

export type Verdict =
  /** The tool gets it. */
  | "tool"
  /** A pen's other end. */
  | "erase"
  | "pan"
  /** Two fingers now: whatever the first one was doing ends, and is taken back when it had just begun. */
  | "pinch"
  | "ignore";

/** A hand that rests on the screen is wider than a fingertip. */
const PALM_PX = 48;
/** After the pen a hand lifts within this time. */
const PEN_REST_MS = 600;
/** A second finger so soon after the first means a pinch, not a line. */
export const PINCH_WINDOW_MS = 220;

export class PointerJudge {
  readonly #touches = new Map<number, Contact>();
  #pen: number | null = null;
  #penAt = Number.NEGATIVE_INFINITY;
  #penSeen = false;

  /** A pen was used here: from now on fingers move the page. */
  get penSeen(): boolean {
    return this.#penSeen;
  }

  /** `pans`: the hand tool, or a page on which this person may not write. */
  down(contact: Contact, pans: boolean): Verdict {
    if (contact.type === "mouse") {
      if (contact.button === 1) return "pan";
      if (contact.button !== 0) return "ignore";
      return pans ? "pan" : "tool";
    }
    if (contact.type === "pen") {
      this.#penSeen = true;
      this.#pen = contact.id;
      this.#penAt = contact.time;
      this.#touches.clear();
      if (contact.button === 2) return "ignore";
      if (pans) return "pan";
      return contact.button === 5 ? "erase" : "tool";
    }
    if (this.#pen !== null || contact.time - this.#penAt < PEN_REST_MS) return "ignore";
    if (contact.size > PALM_PX) return "ignore";
    this.#touches.set(contact.id, contact);
    if (this.#touches.size === 2) return "pinch";
    if (this.#touches.size > 2) return "ignore";
    return pans || this.#penSeen ? "pan" : "tool";
  }

  /** A contact that grows into a palm while it draws has to be taken back. */
  grewIntoPalm(contact: Contact): boolean {
    return contact.type === "touch" && contact.size > PALM_PX;
  }

  /** A pen that hovers: the hand is about to come down. */
  hover(time: number): void {
    this.#penSeen = true;
    this.#penAt = time;
  }

  up(id: number, time: number): void {
    if (this.#pen === id) {
      this.#pen = null;
      this.#penAt = time;
    }
    this.#touches.delete(id);
  }

  get fingers(): number {
    return this.#touches.size;
  }
}
