/** Pages of shapes for the gallery's boards: a lesson, texts of many scripts, and twenty thousand strokes. */

import { MemoryPage } from "../src/whiteboard/memory-page.ts";
import type { Shape, ShapeId, Style } from "../src/whiteboard/model/shape.ts";
import { encodeShape } from "../src/whiteboard/model/shape-codec.ts";
import { keysBetween } from "../src/whiteboard/model/z-order.ts";
import type { PageRight } from "../src/whiteboard/page-model.ts";

type Loose<Kind> = Kind extends Shape ? Omit<Kind, "z" | "durationMs" | "flags" | "style"> : never;
export type Drawn = Loose<Shape> & { flags?: number; style?: Partial<Style>; by?: string; ghost?: string };

const plain: Style = { stroke: 1, fill: 0, width: 6, opacity: 255 };

export function pageOf(drawn: readonly Drawn[], right: PageRight = "all"): MemoryPage {
  const page = new MemoryPage("all", "Marva Jean-Baptiste", "gallery");
  const keys = keysBetween(null, null, drawn.length);
  drawn.forEach(({ by, ghost, flags = 0, style, ...rest }, index) => {
    const shape = { flags, style: { ...plain, ...style }, z: keys[index], durationMs: 0, ...rest } as Shape;
    const blob = encodeShape(shape);
    if (!blob) throw new Error(`shape ${index} does not fit the wire`);
    const id = page.newId() as ShapeId;
    if (by === undefined) page.apply([{ id, blob }], "draw");
    else page.elsewhere([{ id, blob }], by, ghost);
  });
  page.setRight(right);
  return page;
}

/** A line by hand through some points, with a trembling that is the same every time. */
export function hand(points: readonly (readonly [number, number])[], pressed = false): Float32Array {
  const out: number[] = [];
  for (let index = 1; index < points.length; index++) {
    const [x0, y0] = points[index - 1] ?? [0, 0];
    const [x1, y1] = points[index] ?? [0, 0];
    const steps = Math.max(2, Math.round(Math.hypot(x1 - x0, y1 - y0) / 9));
    for (let step = index === 1 ? 0 : 1; step <= steps; step++) {
      const share = step / steps;
      const wobble = Math.sin((out.length + index) * 1.3) * 1.1;
      const pressure = pressed ? 90 + 90 * Math.sin(share * Math.PI) : 128;
      out.push(x0 + (x1 - x0) * share + wobble, y0 + (y1 - y0) * share - wobble, Math.round(pressure));
    }
  }
  return Float32Array.from(out, (value, index) => (index % 3 === 2 ? value : Math.round(value * 4) / 4));
}

export function wave(x: number, y: number, length: number, height: number): Float32Array {
  const points: [number, number][] = [];
  for (let at = 0; at <= length; at += 8) points.push([x + at, y + Math.sin(at / 16) * height]);
  return hand(points, true);
}

export const lesson: readonly Drawn[] = [
  { type: "text", x: 90, y: 50, width: 900, angle: 0, size: 56, text: "Rules of origin", flags: 16 },
  {
    type: "text",
    x: 90,
    y: 130,
    width: 820,
    angle: 0,
    size: 30,
    text: "A product is wholly obtained when nothing in it comes from anywhere else. ¿Y si una parte es importada?",
    style: { stroke: 2 },
  },
  {
    type: "ink",
    points: hand(
      [
        [95, 118],
        [300, 112],
        [470, 119],
      ],
      true,
    ),
    style: { stroke: 7, width: 10 },
  },
  {
    type: "rectangle",
    x: 100,
    y: 260,
    width: 300,
    height: 150,
    angle: 0,
    style: { stroke: 8, fill: 0, width: 8 },
  },
  {
    type: "text",
    x: 120,
    y: 312,
    width: 260,
    angle: 0,
    size: 30,
    text: "Importer",
    flags: 8,
    style: { stroke: 8 },
  },
  {
    type: "ellipse",
    x: 620,
    y: 255,
    width: 320,
    height: 160,
    angle: 0,
    style: { stroke: 6, fill: 12, width: 8 },
  },
  {
    type: "text",
    x: 650,
    y: 316,
    width: 260,
    angle: 0,
    size: 30,
    text: "Customs",
    flags: 8,
    style: { stroke: 6 },
  },
  { type: "line", x1: 410, y1: 335, x2: 612, y2: 335, flags: 1, style: { stroke: 3, width: 8 } },
  { type: "line", x1: 410, y1: 365, x2: 612, y2: 365, flags: 6, style: { stroke: 2, width: 5 } },
  {
    type: "ink",
    points: hand([
      [94, 176],
      [500, 172],
      [880, 178],
    ]),
    flags: 3,
    style: { stroke: 5, width: 56, opacity: 150 },
  },
  {
    type: "note",
    x: 1080,
    y: 230,
    width: 220,
    height: 220,
    angle: -4,
    size: 28,
    text: "Ask for the certificate of origin before the goods arrive",
    style: { fill: 5, width: 0 },
  },
  {
    type: "note",
    x: 1330,
    y: 260,
    width: 200,
    height: 200,
    angle: 3,
    size: 28,
    text: "¿Quién firma el formulario?",
    style: { fill: 10, width: 0 },
    by: "Sofía Hernández de la Cruz",
  },
  { type: "ink", points: wave(140, 560, 460, 40), style: { stroke: 8, width: 8 } },
  {
    type: "ink",
    points: hand(
      [
        [660, 500],
        [720, 620],
        [780, 500],
        [840, 620],
        [900, 500],
      ],
      true,
    ),
    style: { stroke: 9, width: 14 },
    by: "Andre Campbell",
  },
  { type: "stamp", x: 960, y: 500, size: 80, angle: 0, kind: 1, style: { stroke: 6 } },
  { type: "stamp", x: 1060, y: 500, size: 80, angle: 0, kind: 3, style: { stroke: 3 } },
  { type: "stamp", x: 1160, y: 500, size: 80, angle: 12, kind: 5, style: { stroke: 5 } },
  {
    type: "image",
    x: 1280,
    y: 520,
    width: 240,
    height: 160,
    angle: 0,
    file: "missing",
    alternative: "The border post",
  },
  {
    type: "ellipse",
    x: 150,
    y: 680,
    width: 240,
    height: 120,
    angle: 20,
    flags: 4,
    style: { stroke: 11, width: 5 },
  },
  {
    type: "rectangle",
    x: 480,
    y: 670,
    width: 220,
    height: 140,
    angle: -12,
    style: { stroke: 4, fill: 5, width: 4, opacity: 130 },
  },
  {
    type: "ink",
    points: hand([
      [780, 700],
      [980, 780],
      [1180, 690],
    ]),
    style: { stroke: 3, width: 8 },
    by: "Devon Grant",
    ghost: "locked",
  },
];

export const scripts: readonly Drawn[] = [
  {
    type: "text",
    x: 100,
    y: 60,
    width: 1400,
    angle: 0,
    size: 44,
    text: "مرحبا بالعالم، السؤال 3 من 5 (صفحة 12)",
    style: { stroke: 8 },
  },
  {
    type: "text",
    x: 100,
    y: 150,
    width: 640,
    angle: 0,
    size: 34,
    text: "שלום לכולם! זהו טקסט ארוך שצריך לעבור לשורה הבאה, עם Word באנגלית ומספר 42.",
    flags: 16,
  },
  {
    type: "note",
    x: 860,
    y: 150,
    width: 300,
    height: 220,
    angle: 0,
    size: 34,
    text: "من يوقّع على شهادة المنشأ؟",
    flags: 8,
    style: { fill: 7, width: 0 },
  },
  {
    type: "note",
    x: 1200,
    y: 150,
    width: 300,
    height: 220,
    angle: 0,
    size: 40,
    text: "Esternocleidomastoideo, desoxirribonucleico, electroencefalografista",
    style: { fill: 10, width: 0 },
  },
  {
    type: "text",
    x: 100,
    y: 420,
    width: 640,
    angle: 0,
    size: 34,
    text: "La declaración debe presentarse antes de que las mercancías lleguen al territorio aduanero; de lo contrario, el operador económico autorizado pierde el trato preferencial y responde solidariamente.",
  },
  {
    type: "text",
    x: 860,
    y: 420,
    width: 640,
    angle: 0,
    size: 34,
    text: "Ελληνικά · Русский · Tiếng Việt · हिन्दी · Kreyòl ayisyen · 漢字かな交じり文は文字の間で折り返す · x² ≤ √∑",
  },
  {
    type: "text",
    x: 900,
    y: 660,
    width: 500,
    angle: 8,
    size: 30,
    text: "Turned by eight degrees, and it wraps where it must-even-after-hyphens.",
    style: { stroke: 9 },
  },
  {
    type: "text",
    x: 100,
    y: 720,
    width: 500,
    angle: 0,
    size: 30,
    text: "Centrado\nen tres\nlíneas",
    flags: 8,
    style: { stroke: 3 },
  },
];

/** As a long lesson leaves them: small strokes all over the page, six colours, one in eight a highlighter. */
export function manyStrokes(count: number): MemoryPage {
  const drawn: Drawn[] = [];
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let index = 0; index < count; index++) {
    const points = new Float32Array(40 * 3);
    let x = random() * 1500;
    let y = random() * 850;
    let heading = random() * 6.28;
    for (let at = 0; at < points.length; at += 3) {
      heading += (random() - 0.5) * 0.9;
      x += Math.cos(heading) * 3;
      y += Math.sin(heading) * 3;
      points.set([Math.round(x * 4) / 4, Math.round(y * 4) / 4, Math.round(100 + random() * 60)], at);
    }
    const washed = index % 8 === 0;
    const style = { stroke: 1 + (index % 11), width: washed ? 24 : 5, opacity: washed ? 110 : 255 };
    drawn.push({ type: "ink", points, style, flags: washed ? 3 : 0 });
  }
  return pageOf(drawn);
}
