/** Text, sticky notes and stamps: put where one presses. */
import type { ToolStyle } from "../board-engine.ts";
import type { Point } from "../model/geometry.ts";
import { FLAG, type Note, type Stamp, type Text } from "../model/shape.ts";
import { onGrid } from "../model/shape-codec.ts";
import {
  type Gesture,
  type Press,
  plainStyle,
  reachOf,
  type Sample,
  type Tool,
  type ToolHost,
} from "./tool.ts";

const NOTE_SIDE = 200;
export const TEXT_WIDTH = 480;
const NARROWEST = 80;
/** A drag shorter than this is a press, CSS pixels. */
const DRAG_PX = 12;
export const STAMP_SIDE = 64;

export const text: Tool = (host, press) => {
  const known = host.scene.at(press.at.x, press.at.y, reachOf(press) / host.zoom, ({ id, shape }) =>
    shape.type === "text" ? host.scene.editable(id) : false,
  );
  if (known) {
    host.editText(known.id, known.shape, false);
    return null;
  }
  return new TextGesture(host, press);
};

export const note: Tool = (host, press) => ({
  move: () => {},
  end: () => {
    const shape = newNote(host.style, press.at, host.topKey());
    host.editText(host.newId(), shape, true);
  },
  cancel: () => {},
});

export const stamp: Tool = (host, press) => ({
  move: () => {},
  end: () => {
    const shape = newStamp(host.style, press.at, host.topKey());
    host.commit([{ id: host.newId(), shape }], "draw");
  },
  cancel: () => {},
});

export function newText(style: ToolStyle, at: Point, width: number, z: string): Text {
  return {
    type: "text",
    flags: writtenFlags(style),
    style: { ...plainStyle(style), fill: 0 },
    z,
    durationMs: 0,
    x: onGrid(at.x),
    y: onGrid(at.y),
    width: onGrid(width),
    angle: 0,
    size: style.textSize,
    text: "",
  };
}

/** The paper is the fill colour, yellow unless one is chosen; the ink is black, as colours on colours are hard to read. */
export function newNote(style: ToolStyle, middle: Point, z: string): Note {
  return {
    type: "note",
    flags: writtenFlags(style),
    style: { stroke: 1, fill: style.fill || 5, width: 0, opacity: 255 },
    z,
    durationMs: 0,
    x: onGrid(middle.x - NOTE_SIDE / 2),
    y: onGrid(middle.y - NOTE_SIDE / 2),
    width: NOTE_SIDE,
    height: NOTE_SIDE,
    angle: 0,
    size: style.textSize,
    text: "",
  };
}

export function newStamp(style: ToolStyle, middle: Point, z: string): Stamp {
  return {
    type: "stamp",
    flags: 0,
    style: { ...plainStyle(style), fill: 0, width: 0 },
    z,
    durationMs: 0,
    x: onGrid(middle.x - STAMP_SIDE / 2),
    y: onGrid(middle.y - STAMP_SIDE / 2),
    size: STAMP_SIDE,
    angle: 0,
    kind: style.stamp,
  };
}

function writtenFlags(style: ToolStyle): number {
  return (style.bold ? FLAG.bold : 0) | (style.centred ? FLAG.centred : 0);
}

/** A press gives the usual width, a drag the width that was dragged. */
class TextGesture implements Gesture {
  readonly #host: ToolHost;
  readonly #from: Point;
  #to: Point;

  constructor(host: ToolHost, press: Press) {
    this.#host = host;
    this.#from = press.at;
    this.#to = press.at;
  }

  move(samples: readonly Sample[]): void {
    this.#to = samples.at(-1) ?? this.#to;
    const { x, width } = this.#line();
    const height = this.#host.style.textSize * 1.25;
    this.#host.show({ marquee: { x, y: this.#from.y - height / 2, width, height } });
  }

  end(): void {
    this.#host.show({ marquee: null });
    const { x, width } = this.#line();
    const dragged = width * this.#host.zoom >= DRAG_PX;
    const at = { x: dragged ? x : this.#from.x, y: this.#from.y - this.#host.style.textSize * 0.7 };
    const shape = newText(
      this.#host.style,
      at,
      dragged ? Math.max(NARROWEST, width) : TEXT_WIDTH,
      this.#host.topKey(),
    );
    this.#host.editText(this.#host.newId(), shape, true);
  }

  cancel(): void {
    this.#host.show({ marquee: null });
  }

  #line(): { x: number; width: number } {
    return { x: Math.min(this.#from.x, this.#to.x), width: Math.abs(this.#to.x - this.#from.x) };
  }
}
