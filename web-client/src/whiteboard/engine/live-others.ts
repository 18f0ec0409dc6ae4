/** What others are doing right now: pointers, lasers, strokes, drags, soft locks; smooth between 20 updates a second. */
import type { Point } from "../model/geometry.ts";
import type { ShapeId, Style } from "../model/shape.ts";
import type { LiveActor, LiveMessage } from "../page-model.ts";

/** An update is shown over this time, so that the next one arrives when it is through. */
const GLIDE_MS = 70;
const LASER_MS = 900;
/** Somebody whose connection died leaves no signs behind. */
const STROKE_LIVES_MS = 8000;
const POINTER_LIVES_MS = 12_000;

interface Glide {
  from: Point;
  to: Point;
  at: number;
}

export interface LiveStroke {
  readonly id: ShapeId;
  readonly style: Style;
  readonly flags: number;
  /** x, y, pressure of each point, absolute. */
  readonly points: number[];
  /** How many points are shown now; rises to all of them. */
  shown: number;
  at: number;
}

interface Other {
  who: LiveActor;
  pointer: Glide | null;
  laser: { x: number; y: number; at: number }[];
  strokes: Map<ShapeId, LiveStroke>;
  held: readonly ShapeId[];
  drag: { ids: readonly ShapeId[]; glide: Glide } | null;
}

export interface ShownOther {
  readonly who: LiveActor;
  readonly pointer: Point | null;
  /** `age` 0 = now, 1 = gone. */
  readonly laser: readonly { x: number; y: number; age: number }[];
  readonly strokes: readonly LiveStroke[];
  readonly held: readonly ShapeId[];
  readonly drag: { readonly ids: readonly ShapeId[]; readonly dx: number; readonly dy: number } | null;
}

export class LiveOthers {
  readonly #others = new Map<number, Other>();
  /** Reduced motion: everything is where it is at once. */
  still = false;

  take(who: LiveActor, message: LiveMessage, now: number): void {
    const other = this.#other(who);
    switch (message.kind) {
      case "pointer":
        other.pointer = this.#glide(other.pointer, message, now);
        break;
      case "laser":
        other.pointer = this.#glide(other.pointer, message, now);
        other.laser.push({ x: message.x, y: message.y, at: now });
        break;
      case "gone":
        other.pointer = null;
        break;
      case "ink":
        this.#ink(other, message, now);
        break;
      case "held":
        other.held = message.ids;
        break;
      case "drag": {
        const known = other.drag && sameIds(other.drag.ids, message.ids) ? other.drag.glide : null;
        const glide = this.#glide(known, { x: message.dx, y: message.dy }, now);
        other.drag = message.ids.length > 0 ? { ids: message.ids, glide } : null;
        break;
      }
      case "view":
        break;
    }
  }

  forget(actor: number): void {
    this.#others.delete(actor);
  }

  clear(): void {
    this.#others.clear();
  }

  /** A shape came into the page, changed or went: signs that stood for it go. */
  landed(id: ShapeId): void {
    for (const other of this.#others.values()) {
      other.strokes.delete(id);
      if (other.drag?.ids.includes(id)) other.drag = null;
    }
  }

  /** Who is editing a shape; empty = nobody. */
  holder(id: ShapeId): string {
    for (const other of this.#others.values()) if (other.held.includes(id)) return other.who.name;
    return "";
  }

  /** Shapes that others drag: they are shown where they go, not where they were. */
  dragged(): ShapeId[] {
    return [...this.#others.values()].flatMap((other) => other.drag?.ids ?? []);
  }

  shown(now: number): ShownOther[] {
    return [...this.#others.values()].map((other) => ({
      who: other.who,
      pointer: other.pointer && place(other.pointer, now),
      laser: other.laser.map(({ x, y, at }) => ({ x, y, age: Math.min(1, (now - at) / LASER_MS) })),
      strokes: [...other.strokes.values()],
      held: other.held,
      drag: other.drag && {
        ids: other.drag.ids,
        dx: place(other.drag.glide, now).x,
        dy: place(other.drag.glide, now).y,
      },
    }));
  }

  /** Lets time pass; true = there is still motion to show. */
  advance(now: number, sinceMs: number): boolean {
    let moving = false;
    for (const other of this.#others.values()) {
      if (other.pointer && now - other.pointer.at > POINTER_LIVES_MS) other.pointer = null;
      other.laser = other.laser.filter(({ at }) => now - at < LASER_MS);
      if (other.drag && now - other.drag.glide.at > STROKE_LIVES_MS) other.drag = null;
      for (const stroke of other.strokes.values()) {
        if (now - stroke.at > STROKE_LIVES_MS) other.strokes.delete(stroke.id);
        const all = stroke.points.length / 3;
        if (stroke.shown >= all) continue;
        const share = this.still ? 1 : Math.min(1, sinceMs / GLIDE_MS);
        stroke.shown = Math.min(all, stroke.shown + Math.max(1, (all - stroke.shown) * share));
        moving = true;
      }
      const gliding = (glide: Glide | null | undefined) => glide != null && now - glide.at < GLIDE_MS;
      if (other.laser.length > 0 || gliding(other.pointer) || gliding(other.drag?.glide)) moving = true;
    }
    return moving;
  }

  get any(): boolean {
    return this.#others.size > 0;
  }

  #other(who: LiveActor): Other {
    const known = this.#others.get(who.actor);
    if (known) {
      known.who = who;
      return known;
    }
    const other = { who, pointer: null, laser: [], strokes: new Map(), held: [], drag: null };
    this.#others.set(who.actor, other);
    return other;
  }

  #glide(before: Glide | null, to: Point, now: number): Glide {
    const from = before && !this.still ? place(before, now) : to;
    return { from, to: { x: to.x, y: to.y }, at: now };
  }

  #ink(other: Other, message: LiveMessage & { kind: "ink" }, now: number): void {
    const { id, style, flags, index } = message;
    const known = other.strokes.get(id);
    if (!known && index > 0) return;
    const stroke = known && index > 0 ? known : { id, style, flags, points: [], shown: 0, at: now };
    // A part was lost on the way: what follows it would be in the wrong place.
    if (index * 3 !== stroke.points.length) return;
    let x = stroke.points.at(-3) ?? 0;
    let y = stroke.points.at(-2) ?? 0;
    for (let at = 0; at + 2 < message.points.length; at += 3) {
      x += message.points[at] ?? 0;
      y += message.points[at + 1] ?? 0;
      stroke.points.push(x, y, message.points[at + 2] ?? 0);
    }
    stroke.at = now;
    other.strokes.set(id, stroke);
    other.pointer = this.#glide(other.pointer, { x, y }, now);
  }
}

function place(glide: Glide, now: number): Point {
  const share = Math.min(1, Math.max(0, (now - glide.at) / GLIDE_MS));
  return {
    x: glide.from.x + (glide.to.x - glide.from.x) * share,
    y: glide.from.y + (glide.to.y - glide.from.y) * share,
  };
}

function sameIds(a: readonly ShapeId[], b: readonly ShapeId[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
