/** What lies above the shapes and belongs to no page: handles, guides, lasso, rubber, names of others. CSS pixels. */
import { cornersOf, type Point } from "../model/geometry.ts";
import type { PlacedHandle } from "../model/handles.ts";
import type { TurnedBox } from "../model/shape.ts";
import type { Guide } from "../model/snap.ts";
import type { Camera } from "./camera.ts";
import type { ShownOther } from "./live-others.ts";

export interface OverlayColours {
  readonly accent: string;
  readonly paper: string;
  readonly guide: string;
  readonly laser: string;
  readonly ghost: string;
}

const HANDLE_PX = 9;
const LASER_MS = 900;

export class OverlayPainter {
  readonly #to: CanvasRenderingContext2D;
  readonly #camera: Camera;
  readonly #colours: OverlayColours;
  /** Of the view, CSS pixels. */
  readonly #width: number;

  constructor(to: CanvasRenderingContext2D, camera: Camera, colours: OverlayColours, width: number) {
    this.#to = to;
    this.#width = width;
    this.#camera = camera;
    this.#colours = colours;
  }

  frame(frame: TurnedBox, handles: readonly PlacedHandle[]): void {
    const to = this.#to;
    this.#polygon(cornersOf(frame, frame.angle), this.#colours.accent, 1.5, []);
    const turning = handles.find(({ handle }) => handle === "turn");
    if (turning) {
      const [nw, ne] = cornersOf(frame, frame.angle).map((corner) => this.#camera.toView(corner));
      const at = this.#camera.toView(turning);
      to.beginPath();
      to.moveTo(((nw?.x ?? 0) + (ne?.x ?? 0)) / 2, ((nw?.y ?? 0) + (ne?.y ?? 0)) / 2);
      to.lineTo(at.x, at.y);
      to.stroke();
    }
    for (const placed of handles) this.#handle(placed);
  }

  /** The outline of one shape among several that are selected, or held by somebody. */
  outline(frame: TurnedBox, colour: string, dash: readonly number[] = []): void {
    this.#polygon(cornersOf(frame, frame.angle), colour, 1.5, dash);
  }

  /** Something of one's own that the server refused. */
  ghost(frame: TurnedBox): void {
    this.#polygon(cornersOf(frame, frame.angle), this.#colours.ghost, 1, [3, 4]);
    const [, corner] = cornersOf(frame, frame.angle);
    const at = this.#camera.toView(corner);
    const to = this.#to;
    to.fillStyle = this.#colours.ghost;
    to.beginPath();
    to.arc(at.x, at.y, 9, 0, 2 * Math.PI);
    to.fill();
    to.fillStyle = this.#colours.paper;
    to.font = "700 13px system-ui, sans-serif";
    to.textAlign = "center";
    to.textBaseline = "middle";
    to.fillText("!", at.x, at.y + 0.5);
  }

  marquee(box: { x: number; y: number; width: number; height: number }): void {
    this.#to.globalAlpha = 0.12;
    this.#to.fillStyle = this.#colours.accent;
    const at = this.#camera.toView(box);
    this.#to.fillRect(at.x, at.y, box.width * this.#camera.zoom, box.height * this.#camera.zoom);
    this.#to.globalAlpha = 1;
    this.#polygon(cornersOf(box), this.#colours.accent, 1, []);
  }

  lasso(path: readonly Point[]): void {
    this.#polygon(path, this.#colours.accent, 1.5, [5, 4]);
    this.#to.globalAlpha = 0.08;
    this.#to.fillStyle = this.#colours.accent;
    this.#to.fill("evenodd");
    this.#to.globalAlpha = 1;
  }

  guides(guides: readonly Guide[]): void {
    const to = this.#to;
    to.strokeStyle = this.#colours.guide;
    to.lineWidth = 1;
    to.setLineDash([]);
    to.beginPath();
    for (const guide of guides) {
      const ends =
        guide.axis === "x"
          ? [
              { x: guide.at, y: guide.from },
              { x: guide.at, y: guide.to },
            ]
          : [
              { x: guide.from, y: guide.at },
              { x: guide.to, y: guide.at },
            ];
      const [from, until] = ends.map((end) => this.#camera.toView(end));
      if (!from || !until) continue;
      to.moveTo(from.x, from.y);
      to.lineTo(until.x, until.y);
    }
    to.stroke();
  }

  rubber(at: { x: number; y: number; radius: number }): void {
    const middle = this.#camera.toView(at);
    for (const [colour, width] of [
      [this.#colours.paper, 3],
      ["#3b4454", 1.5],
    ] as const) {
      this.#to.beginPath();
      this.#to.arc(middle.x, middle.y, at.radius * this.#camera.zoom, 0, 2 * Math.PI);
      this.#to.strokeStyle = colour;
      this.#to.lineWidth = width;
      this.#to.setLineDash([]);
      this.#to.stroke();
    }
  }

  /** `age` 0 = now, 1 = gone. */
  trail(points: readonly { x: number; y: number; age: number }[], colour = this.#colours.laser): void {
    const to = this.#to;
    to.strokeStyle = colour;
    // Round ends would show as beads where the half-seen pieces meet.
    to.lineCap = "butt";
    to.setLineDash([]);
    for (let index = 1; index < points.length; index++) {
      const [from, until] = [points[index - 1], points[index]];
      if (!from || !until || until.age >= 1) continue;
      const a = this.#camera.toView(from);
      const b = this.#camera.toView(until);
      to.globalAlpha = 1 - until.age;
      to.lineWidth = 2 + 4 * (1 - until.age);
      to.beginPath();
      to.moveTo(a.x, a.y);
      to.lineTo(b.x, b.y);
      to.stroke();
    }
    const head = points.at(-1);
    if (head && head.age < 1) this.#dot(this.#camera.toView(head), colour, 1 - head.age);
    to.globalAlpha = 1;
  }

  other(other: ShownOther): void {
    if (other.laser.length > 0) this.trail(other.laser);
    if (!other.pointer) return;
    const at = this.#camera.toView(other.pointer);
    if (other.laser.length === 0) this.#arrow(at, other.who.colour);
    this.tag(at.x + 12, at.y + 16, other.who.name, other.who.colour);
  }

  tag(x: number, y: number, name: string, colour: string): void {
    if (name === "") return;
    const to = this.#to;
    to.font = '600 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
    to.textBaseline = "middle";
    to.textAlign = "left";
    to.direction = "inherit";
    const words = this.#shortened(name, Math.min(180, this.#width / 4));
    const width = to.measureText(words).width;
    const left = Math.max(2, Math.min(x, this.#width - width - 14));
    const top = Math.max(2, y);
    to.fillStyle = colour;
    to.beginPath();
    to.roundRect(left, top, width + 12, 20, 10);
    to.fill();
    to.fillStyle = "#ffffff";
    to.fillText(words, left + 6, top + 10.5);
  }

  /** On a phone there is room for the first name alone. */
  #shortened(name: string, most: number): string {
    if (this.#to.measureText(name).width <= most) return name;
    let letters = [...(name.split(" ")[0] ?? name)];
    if (this.#to.measureText(letters.join("")).width <= most) return letters.join("");
    while (letters.length > 3 && this.#to.measureText(`${letters.join("")}…`).width > most)
      letters = letters.slice(0, -1);
    return `${letters.join("")}…`;
  }

  #dot(at: Point, colour: string, alpha: number): void {
    const to = this.#to;
    to.globalAlpha = alpha * 0.35;
    to.fillStyle = colour;
    to.beginPath();
    to.arc(at.x, at.y, 11, 0, 2 * Math.PI);
    to.fill();
    to.globalAlpha = alpha;
    to.beginPath();
    to.arc(at.x, at.y, 5, 0, 2 * Math.PI);
    to.fill();
  }

  #arrow(at: Point, colour: string): void {
    const to = this.#to;
    to.beginPath();
    to.moveTo(at.x, at.y);
    to.lineTo(at.x + 4.5, at.y + 15);
    to.lineTo(at.x + 8, at.y + 9.5);
    to.lineTo(at.x + 14.5, at.y + 8);
    to.closePath();
    to.fillStyle = colour;
    to.strokeStyle = "#ffffff";
    to.lineWidth = 3;
    to.lineJoin = "round";
    to.setLineDash([]);
    to.stroke();
    to.fill();
  }

  #handle({ handle, x, y }: PlacedHandle): void {
    const to = this.#to;
    const at = this.#camera.toView({ x, y });
    const round = handle === "turn" || handle === "start" || handle === "finish";
    to.beginPath();
    if (round) to.arc(at.x, at.y, HANDLE_PX / 2 + 0.5, 0, 2 * Math.PI);
    else to.roundRect(at.x - HANDLE_PX / 2, at.y - HANDLE_PX / 2, HANDLE_PX, HANDLE_PX, 2);
    to.fillStyle = this.#colours.paper;
    to.fill();
    to.strokeStyle = this.#colours.accent;
    to.lineWidth = 1.5;
    to.stroke();
  }

  #polygon(corners: readonly Point[], colour: string, width: number, dash: readonly number[]): void {
    const to = this.#to;
    to.strokeStyle = colour;
    to.lineWidth = width;
    to.lineJoin = "round";
    to.setLineDash([...dash]);
    to.beginPath();
    corners.forEach((corner, index) => {
      const { x, y } = this.#camera.toView(corner);
      if (index === 0) to.moveTo(x, y);
      else to.lineTo(x, y);
    });
    to.closePath();
    to.stroke();
    to.setLineDash([]);
  }
}

/** Age of own laser points: 0 = now, 1 = gone. */
export function aged(points: readonly { x: number; y: number; time: number }[], now: number) {
  return points.map(({ x, y, time }) => ({ x, y, age: Math.min(1, (now - time) / LASER_MS) }));
}
