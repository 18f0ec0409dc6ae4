/** Excalidraw's JSON to shapes. The file is from anywhere: what is not understood is left out, never thrown over. */
import * as v from "valibot";
import { sealOf } from "./excalidraw-out.ts";
import { COLOURS } from "./palette.ts";
import { FLAG, type Shape, type ShapeBase } from "./shape.ts";
import { decodeShape, encodeShape, MAX_POINTS, NO_PRESSURE, onGrid } from "./shape-codec.ts";
import { clampSize, turned, upright } from "./shape-edit.ts";

const number = v.pipe(v.number(), v.finite(), v.minValue(-1_000_000), v.maxValue(1_000_000));
const point = v.pipe(v.array(number), v.minLength(2));
const Element = v.looseObject({
  type: v.string(),
  x: number,
  y: number,
  width: v.optional(number, 0),
  height: v.optional(number, 0),
  angle: v.optional(number, 0),
  strokeColor: v.optional(v.string(), "#1e1e1e"),
  backgroundColor: v.optional(v.string(), "transparent"),
  strokeWidth: v.optional(number, 2),
  strokeStyle: v.optional(v.string(), "solid"),
  opacity: v.optional(number, 100),
  isDeleted: v.optional(v.boolean(), false),
  points: v.optional(v.array(point), []),
  pressures: v.optional(v.array(number), []),
  text: v.optional(v.string(), ""),
  originalText: v.optional(v.string()),
  fontSize: v.optional(number, 20),
  textAlign: v.optional(v.string(), "left"),
  startArrowhead: v.optional(v.nullable(v.string())),
  endArrowhead: v.optional(v.nullable(v.string())),
  containerId: v.optional(v.nullable(v.string())),
  customData: v.optional(v.unknown()),
});
type Element = v.InferOutput<typeof Element>;
const File = v.object({
  type: v.picklist(["excalidraw", "excalidraw/clipboard"]),
  elements: v.pipe(v.array(v.unknown()), v.maxLength(20_000)),
});
const Own = v.object({ muster: v.object({ shape: v.string(), seal: v.string() }) });

/** Shapes from the lowest to the highest, each without a key of order yet; null = no Excalidraw file. */
export function fromExcalidraw(text: string): Shape[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const file = v.safeParse(File, json);
  if (!file.success) return null;
  const own = new Set<string>();
  return file.output.elements.flatMap((raw) => {
    const parsed = v.safeParse(Element, raw);
    if (!parsed.success || parsed.output.isDeleted) return [];
    const element = parsed.output;
    // The words of a note of ours are a part of it.
    if (element.containerId && own.has(element.containerId)) return [];
    const known = ownShape(element);
    if (known) {
      if (typeof element.id === "string") own.add(element.id);
      return [known];
    }
    return converted(element).filter((shape) => encodeShape(shape) !== null);
  });
}

/** Our own shape, as it was, when nobody changed its element since. */
function ownShape(element: Element): Shape | null {
  const own = v.safeParse(Own, element.customData);
  if (!own.success || own.output.muster.seal !== sealOf(element)) return null;
  try {
    const bytes = Uint8Array.from(atob(own.output.muster.shape), (letter) => letter.charCodeAt(0));
    const shape = decodeShape(bytes);
    return shape?.type === "unknown" ? null : shape;
  } catch {
    return null;
  }
}

function converted(element: Element): Shape[] {
  const angle = Math.round((upright((element.angle * 180) / Math.PI) || 0) * 10) / 10;
  const base: ShapeBase = {
    flags: element.strokeStyle === "solid" ? 0 : FLAG.dashed,
    style: {
      stroke: nearestColour(element.strokeColor),
      fill: nearestColour(element.backgroundColor),
      width: Math.min(255, Math.max(1, Math.round(element.strokeWidth * 2))),
      opacity: Math.min(255, Math.max(0, Math.round(element.opacity * 2.55))),
    },
    z: "V",
    durationMs: 0,
  };
  const x = onGrid(element.x);
  const y = onGrid(element.y);
  const width = Math.abs(onGrid(element.width));
  const height = Math.abs(onGrid(element.height));
  const middle = { x: x + width / 2, y: y + height / 2 };
  switch (element.type) {
    case "rectangle":
    case "ellipse":
      return [{ ...base, type: element.type, x, y, width, height, angle }];
    case "diamond": {
      const corners = [
        [0, height / 2],
        [width / 2, 0],
        [width, height / 2],
        [width / 2, height],
        [0, height / 2],
      ];
      return inks(base, x, y, corners, []).map((ink) => turned(ink, middle, angle));
    }
    case "text": {
      const style = { ...base.style, fill: 0 };
      const flags = element.textAlign === "center" ? FLAG.centred : 0;
      const text = [...(element.originalText ?? element.text)].slice(0, 4000).join("");
      const size = clampSize(element.fontSize);
      // A little wider than it was: fonts differ, and the last word of a line must not fall.
      const shape: Shape = {
        ...base,
        style,
        flags,
        type: "text",
        x,
        y,
        width: onGrid(width * 1.08 + 4),
        angle: 0,
        size,
        text,
      };
      return [turned(shape, middle, angle)];
    }
    case "line":
    case "arrow":
      return linesOf(element, base, angle);
    case "freedraw":
      return inks(base, x, y, element.points, element.pressures).map((ink) =>
        turned(ink, middleOfInk(ink), angle),
      );
    default:
      return [];
  }
}

/** Two points are a line; more of them are drawn as ink, with the arrow head as a short line of its own. */
function linesOf(element: Element, base: ShapeBase, angle: number): Shape[] {
  const { x, y, points } = element;
  const heads =
    (element.endArrowhead ? FLAG.arrowAtEnd : 0) | (element.startArrowhead ? FLAG.arrowAtStart : 0);
  const style = { ...base.style, fill: 0 };
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 2) return [];
  const at = ([px = 0, py = 0]: readonly number[]) => ({ x: onGrid(x + px), y: onGrid(y + py) });
  const from = at(first);
  const to = at(last);
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  if (points.length === 2) {
    const flags = base.flags | heads;
    const line: Shape = { ...base, style, flags, type: "line", x1: from.x, y1: from.y, x2: to.x, y2: to.y };
    return [turned(line, middle, angle)];
  }
  const before = at(points.at(-2) ?? first);
  const head: Shape[] = heads
    ? [
        {
          ...base,
          style,
          type: "line",
          flags: FLAG.arrowAtEnd,
          x1: before.x,
          y1: before.y,
          x2: to.x,
          y2: to.y,
        },
      ]
    : [];
  return [...inks({ ...base, style }, x, y, points, []), ...head].map((shape) =>
    turned(shape, middle, angle),
  );
}

function inks(
  base: ShapeBase,
  x: number,
  y: number,
  points: readonly (readonly number[])[],
  pressures: readonly number[],
): Shape[] {
  const pressed = pressures.length === points.length && points.length > 0;
  const flags = pressed ? 0 : FLAG.noPressure;
  const shapes: Shape[] = [];
  for (let start = 0; start < points.length; start += MAX_POINTS - 1) {
    const part = points.slice(start, start + MAX_POINTS);
    if (part.length === 1 && start > 0) break;
    const flat = part.flatMap(([px = 0, py = 0], index) => [
      onGrid(x + px),
      onGrid(y + py),
      pressed ? Math.round(Math.min(1, Math.max(0, pressures[start + index] ?? 0.5)) * 255) : NO_PRESSURE,
    ]);
    const style = { ...base.style, fill: 0 };
    shapes.push({ ...base, flags, style, type: "ink", points: Float32Array.from(flat) });
  }
  return shapes;
}

function middleOfInk(shape: Shape): { x: number; y: number } {
  if (shape.type !== "ink") return { x: 0, y: 0 };
  const xs = shape.points.filter((_value, index) => index % 3 === 0);
  const ys = shape.points.filter((_value, index) => index % 3 === 1);
  const middle = (values: Float32Array) => (Math.min(...values) + Math.max(...values)) / 2;
  return { x: middle(xs), y: middle(ys) };
}

/** The palette's colour that looks most like a CSS colour in hex; 0 for transparent. Pale fills keep their hue. */
export function nearestColour(css: string): number {
  const text = css.trim();
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})([0-9a-f]{2})?$/i.exec(text)?.[1];
  if (!hex) return text === "" || text === "transparent" ? 0 : 1;
  const wide = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
  const wanted = looksOf(wide);
  let best = { index: 1, far: Number.POSITIVE_INFINITY };
  for (const { index, value } of COLOURS) {
    const known = looksOf(value.slice(1));
    if (wanted.grey !== known.grey) continue;
    const apart = Math.abs(wanted.hue - known.hue);
    const turn = wanted.grey ? 0 : Math.min(apart, 360 - apart) / 30;
    const far = turn ** 2 + (wanted.light - known.light) ** 2;
    if (far < best.far) best = { index, far };
  }
  return best.index;
}

/** Below this difference of its channels a colour is a grey. */
const GREY = 0.14;

function looksOf(hex: string): { hue: number; light: number; grey: boolean } {
  const value = Number.parseInt(hex, 16);
  const [r, g, b] = [(value >> 16) / 255, ((value >> 8) & 0xff) / 255, (value & 0xff) / 255];
  const most = Math.max(r, g, b);
  const chroma = most - Math.min(r, g, b);
  const light = most - chroma / 2;
  if (chroma < GREY) return { hue: 0, light, grey: true };
  const sixth = most === r ? (g - b) / chroma : most === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
  return { hue: (sixth * 60 + 360) % 360, light, grey: false };
}
