/** Pen and highlighter. */
import { distance } from "../model/geometry.ts";
import { FLAG, type Ink, type ShapeId, type Style } from "../model/shape.ts";
import { MAX_POINTS, NO_PRESSURE, onGrid } from "../model/shape-codec.ts";
import {
  type Gesture,
  type Keys,
  type Press,
  plainStyle,
  type Sample,
  type Tool,
  type ToolHost,
} from "./tool.ts";

/** Points closer than this in CSS pixels say nothing new. */
const CLOSEST_PX = 0.8;

export const pen: Tool = (host, press) => new InkGesture(host, press, 0);
export const highlighter: Tool = (host, press) => new InkGesture(host, press, FLAG.highlighter);

class InkGesture implements Gesture {
  readonly #host: ToolHost;
  readonly #style: Style;
  readonly #flags: number;
  #id: ShapeId;
  #points: number[] = [];
  #startedAt: number;
  #lastAt: number;
  #straightTo: Sample | null = null;

  constructor(host: ToolHost, press: Press, flags: number) {
    this.#host = host;
    this.#style = { ...plainStyle(host.style), fill: 0 };
    const plain = press.type !== "pen" || flags !== 0;
    this.#flags = flags | (plain ? FLAG.noPressure : 0);
    this.#id = host.newId();
    this.#startedAt = press.at.time;
    this.#lastAt = press.at.time;
    this.#add(press.at);
    this.#show([]);
  }

  move(samples: readonly Sample[], predicted: readonly Sample[], keys: Keys): void {
    const last = samples.at(-1);
    if (keys.shift && last) {
      this.#straightTo = last;
      this.#lastAt = last.time;
      this.#show([last]);
      return;
    }
    this.#straightTo = null;
    for (const sample of samples) this.#add(sample);
    this.#show(predicted);
  }

  end(): void {
    if (this.#straightTo) {
      const to = this.#straightTo;
      this.#points.length = 3;
      this.#push(to);
    }
    this.#commit();
    this.#host.live.inkDone();
    this.#host.show({ ink: null });
  }

  cancel(): void {
    this.#host.live.inkDone();
    this.#host.show({ ink: null });
  }

  #add(sample: Sample): void {
    this.#lastAt = sample.time;
    const before = { x: this.#points.at(-3) ?? Number.NaN, y: this.#points.at(-2) ?? Number.NaN };
    if (distance(before, sample) * this.#host.zoom < CLOSEST_PX) return;
    this.#push(sample);
    if (this.#points.length === MAX_POINTS * 3) this.#split(sample);
  }

  #push(sample: Sample): void {
    const pressure = this.#flags & FLAG.noPressure ? NO_PRESSURE : sample.pressure;
    this.#points.push(onGrid(sample.x), onGrid(sample.y), pressure);
  }

  /** A very long stroke goes on as another one that begins where the first ends. */
  #split(sample: Sample): void {
    this.#commit();
    this.#host.live.inkDone();
    this.#id = this.#host.newId();
    this.#points = [];
    this.#startedAt = sample.time;
    this.#push(sample);
  }

  #commit(): void {
    const shape: Ink = {
      type: "ink",
      flags: this.#flags,
      style: this.#style,
      z: this.#host.topKey(),
      durationMs: this.#lastAt - this.#startedAt,
      points: Float32Array.from(this.#points),
    };
    this.#host.commit([{ id: this.#id, shape }], "draw");
  }

  #show(predicted: readonly Sample[]): void {
    const tail = predicted.flatMap(({ x, y, pressure }) => [
      x,
      y,
      this.#flags & FLAG.noPressure ? NO_PRESSURE : pressure,
    ]);
    const points = this.#straightTo ? [...this.#points.slice(0, 3), ...tail] : [...this.#points, ...tail];
    this.#host.show({ ink: { points, style: this.#style, flags: this.#flags } });
    if (!this.#straightTo) this.#host.live.ink(this.#id, this.#style, this.#flags, this.#points);
  }
}
