/** Pointers, wheel and fingers on the board: what they mean goes to the judge, what they do to a gesture. */
import type { Gesture, Keys, Press, Sample } from "../tools/tool.ts";
import type { BoardView } from "./board-view.ts";
import type { Camera } from "./camera.ts";
import { type Contact, PINCH_WINDOW_MS, PointerJudge, type Verdict } from "./pointer-judge.ts";

export interface InputEvents {
  /** The hand tool, or a page on which nothing may be written. */
  pans(): boolean;
  /** Null = the tool does nothing with it. */
  begin(press: Press, erase: boolean): Gesture | null;
  hover(at: Sample | null): void;
  /** A main press moves the page, as the tool may not work. */
  onPan(): void;
  /** The person moved the view by hand. */
  onLook(): void;
}

/** Two presses within this are a double one. */
const AGAIN_MS = 350;
const AGAIN_PX = 12;
/** Wheel pixels that double the zoom. */
const WHEEL_DOUBLES = 320;

interface Spot {
  x: number;
  y: number;
}

export class BoardInput {
  readonly #view: BoardView;
  readonly #events: InputEvents;
  readonly #judge = new PointerJudge();
  readonly #spots = new Map<number, Spot>();
  readonly #off = new AbortController();
  #gesture: { id: number; gesture: Gesture; startedAt: number } | null = null;
  #panning: number | null = null;
  #pinch: { ids: readonly [number, number]; camera: Camera; middle: Spot; apart: number } | null = null;
  #last: { at: number; x: number; y: number } | null = null;

  constructor(view: BoardView, events: InputEvents) {
    this.#view = view;
    this.#events = events;
    const options = { signal: this.#off.signal };
    const { element } = view;
    element.addEventListener("pointerdown", (event) => this.#down(event), options);
    element.addEventListener("pointermove", (event) => this.#move(event), options);
    element.addEventListener("pointerup", (event) => this.#up(event, false), options);
    element.addEventListener("pointercancel", (event) => this.#up(event, true), options);
    element.addEventListener("pointerleave", () => events.hover(null), options);
    element.addEventListener("wheel", (event) => this.#wheel(event), { ...options, passive: false });
    element.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  }

  get drawing(): boolean {
    return this.#gesture !== null;
  }

  /** The pointer may still be down, but draws no more. */
  finish(): void {
    this.#gesture?.gesture.end({ shift: false, alt: false, ctrl: false });
    this.#gesture = null;
  }

  /** The page was changed: nothing of what was begun remains. */
  cancel(): void {
    this.#gesture?.gesture.cancel();
    this.#gesture = null;
  }

  destroy(): void {
    this.cancel();
    this.#off.abort();
  }

  #down(event: PointerEvent): void {
    const contact = contactOf(event);
    const verdict = this.#judge.down(contact, this.#events.pans());
    this.#spots.set(event.pointerId, this.#spot(event));
    if (verdict === "ignore") return;
    if (event.pointerType === "mouse") event.preventDefault();
    this.#view.element.focus({ preventScroll: true });
    capture(this.#view.element, event.pointerId);
    this.#start(verdict, event, contact);
  }

  #start(verdict: Verdict, event: PointerEvent, contact: Contact): void {
    if (verdict === "pinch") this.#startPinch();
    else if (verdict === "pan") {
      if (contact.type === "pen" || contact.type === "mouse") this.cancel();
      if (contact.button === 0) this.#events.onPan();
      this.#panning = event.pointerId;
      this.#view.element.style.cursor = "grabbing";
    } else {
      this.cancel();
      const at = this.#sample(event);
      const spot = this.#spot(event);
      const last = this.#last;
      const again =
        last !== null &&
        event.timeStamp - last.at < AGAIN_MS &&
        Math.hypot(spot.x - last.x, spot.y - last.y) < AGAIN_PX;
      this.#last = { at: event.timeStamp, ...spot };
      const press = { at, keys: keysOf(event), type: contact.type, again };
      const gesture = this.#events.begin(press, verdict === "erase");
      if (gesture) this.#gesture = { id: event.pointerId, gesture, startedAt: event.timeStamp };
    }
  }

  /** The first finger's line is taken back if it had just begun, else it is ended. */
  #startPinch(): void {
    const drawing = this.#gesture;
    if (drawing && performance.now() - drawing.startedAt < PINCH_WINDOW_MS) drawing.gesture.cancel();
    else drawing?.gesture.end({ shift: false, alt: false, ctrl: false });
    this.#gesture = null;
    this.#panning = null;
    const [first, second] = [...this.#spots.keys()].slice(-2);
    if (first === undefined || second === undefined) return;
    const [a, b] = [this.#spots.get(first), this.#spots.get(second)];
    if (!a || !b) return;
    this.#pinch = {
      ids: [first, second],
      camera: this.#view.camera,
      middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
      apart: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)),
    };
  }

  #move(event: PointerEvent): void {
    if (event.pointerType === "pen" && event.buttons === 0) this.#judge.hover(event.timeStamp);
    const before = this.#spots.get(event.pointerId);
    const spot = this.#spot(event);
    if (before) this.#spots.set(event.pointerId, spot);
    if (this.#pinch?.ids.includes(event.pointerId)) this.#movePinch();
    else if (this.#panning === event.pointerId && before) {
      this.#view.setCamera(this.#view.camera.pannedBy(spot.x - before.x, spot.y - before.y));
      this.#events.onLook();
    } else if (this.#gesture?.id === event.pointerId) this.#draw(event, this.#gesture.gesture);
    else if (event.buttons === 0) this.#events.hover(this.#sample(event));
  }

  #draw(event: PointerEvent, gesture: Gesture): void {
    if (this.#judge.grewIntoPalm(contactOf(event))) {
      this.cancel();
      return;
    }
    const together = event.getCoalescedEvents?.() ?? [];
    const samples = (together.length > 0 ? together : [event]).map((each) => this.#sample(each));
    // A prediction further ahead than the screen's own delay would overshoot at every turn.
    const predicted = event.pointerType === "pen" ? (event.getPredictedEvents?.() ?? []).slice(0, 2) : [];
    gesture.move(
      samples,
      predicted.map((each) => this.#sample(each)),
      keysOf(event),
    );
  }

  #movePinch(): void {
    const pinch = this.#pinch;
    const [a, b] = (pinch?.ids ?? []).map((id) => this.#spots.get(id));
    if (!pinch || !a || !b) return;
    const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    const ratio = Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) / pinch.apart;
    const camera = pinch.camera
      .zoomedAt(pinch.middle.x, pinch.middle.y, pinch.camera.zoom * ratio)
      .pannedBy(middle.x - pinch.middle.x, middle.y - pinch.middle.y);
    this.#view.setCamera(camera);
    this.#events.onLook();
  }

  #up(event: PointerEvent, cancelled: boolean): void {
    this.#judge.up(event.pointerId, event.timeStamp);
    this.#spots.delete(event.pointerId);
    if (this.#pinch?.ids.includes(event.pointerId)) this.#pinch = null;
    if (this.#panning === event.pointerId) {
      this.#panning = null;
      this.#view.element.style.cursor = "";
    }
    if (this.#gesture?.id !== event.pointerId) return;
    const { gesture } = this.#gesture;
    this.#gesture = null;
    if (cancelled) gesture.cancel();
    else gesture.end(keysOf(event));
  }

  /** A trackpad's pinch comes as a wheel with Control held; two fingers on it move the page. */
  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const { camera } = this.#view;
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    if (event.ctrlKey || event.metaKey) {
      const spot = this.#spot(event);
      // A trackpad sends small steps often, a wheel large ones.
      const pace = Math.abs(event.deltaY) < 50 ? WHEEL_DOUBLES / 4 : WHEEL_DOUBLES;
      const factor = 2 ** ((-event.deltaY * unit) / pace);
      this.#view.setCamera(camera.zoomedAt(spot.x, spot.y, camera.zoom * factor));
    } else {
      const sideways = event.shiftKey && event.deltaX === 0;
      const dx = (sideways ? event.deltaY : event.deltaX) * unit;
      const dy = sideways ? 0 : event.deltaY * unit;
      this.#view.setCamera(camera.pannedBy(-dx, -dy));
    }
    this.#events.onLook();
  }

  #spot(event: MouseEvent): Spot {
    const { left, top } = this.#view.element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #sample(event: PointerEvent): Sample {
    const spot = this.#spot(event);
    const pressure = event.pointerType === "pen" ? Math.round(event.pressure * 255) : 128;
    return { ...this.#view.camera.toPage(spot.x, spot.y), pressure, time: event.timeStamp };
  }
}

function contactOf(event: PointerEvent): Contact {
  const type = event.pointerType === "pen" || event.pointerType === "touch" ? event.pointerType : "mouse";
  const size = Math.max(event.width, event.height);
  return { id: event.pointerId, type, button: Math.max(0, event.button), size, time: event.timeStamp };
}

function keysOf(event: MouseEvent): Keys {
  return { shift: event.shiftKey, alt: event.altKey, ctrl: event.ctrlKey || event.metaKey };
}

/** A pointer that is gone already, or made by a script, cannot be captured; it draws all the same. */
function capture(element: HTMLElement, id: number): void {
  try {
    element.setPointerCapture(id);
  } catch {
    return;
  }
}
