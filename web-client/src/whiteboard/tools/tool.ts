/** What a tool is given, and what it shows while the pointer is down. */
import type { Refusal, ToolStyle } from "../board-engine.ts";
import type { LiveSender } from "../engine/live-sender.ts";
import type { Scene } from "../engine/scene.ts";
import type { Point } from "../model/geometry.ts";
import type { Box, Shape, ShapeId, Style } from "../model/shape.ts";
import type { Guide } from "../model/snap.ts";
import type { TextSetter } from "../model/text-layout.ts";
import type { ChangeLabel } from "../page-model.ts";

export interface Sample extends Point {
  /** 0 to 255; 128 where the device does not tell. */
  readonly pressure: number;
  readonly time: number;
}

export interface Keys {
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
}

/** On the live layer, above everything. */
export interface Draft {
  readonly shapes: readonly Shape[];
  /** A stroke in the making: x, y, pressure of each point. */
  readonly ink: { readonly points: readonly number[]; readonly style: Style; readonly flags: number } | null;
  /** What to show in the place of shapes of the page while a gesture lasts; an empty list hides one. */
  readonly instead: ReadonlyMap<ShapeId, readonly Shape[]>;
  readonly guides: readonly Guide[];
  readonly lasso: readonly Point[];
  readonly marquee: Box | null;
  readonly rubber: { readonly x: number; readonly y: number; readonly radius: number } | null;
  readonly laser: readonly { readonly x: number; readonly y: number; readonly time: number }[];
}

export const NO_DRAFT: Draft = {
  shapes: [],
  ink: null,
  instead: new Map(),
  guides: [],
  lasso: [],
  marquee: null,
  rubber: null,
  laser: [],
};

export interface ToolHost {
  readonly scene: Scene;
  readonly setter: TextSetter;
  readonly style: ToolStyle;
  readonly zoom: number;
  readonly selection: readonly ShapeId[];
  /** Units of the grid that places snap to; 0 = they do not. */
  readonly gridStep: number;
  readonly live: LiveSender;
  show(draft: Partial<Draft>): void;
  select(ids: readonly ShapeId[]): void;
  /** False = nothing was changed: the page is locked, or a shape does not fit the wire. */
  commit(
    changes: readonly { readonly id: ShapeId; readonly shape: Shape | null }[],
    label: ChangeLabel,
  ): boolean;
  refuse(why: Refusal, name?: string): void;
  editText(id: ShapeId, shape: Shape, isNew: boolean): void;
  newId(): ShapeId;
  /** A key above every shape. */
  topKey(): string;
}

/** From pointer down to pointer up. */
export interface Gesture {
  move(samples: readonly Sample[], predicted: readonly Sample[], keys: Keys): void;
  end(keys: Keys): void;
  /** Nothing of it must remain. */
  cancel(): void;
}

export interface Press {
  readonly at: Sample;
  readonly keys: Keys;
  readonly type: "mouse" | "pen" | "touch";
  /** Second press at the same place within a moment. */
  readonly again: boolean;
}

export type Tool = (host: ToolHost, press: Press) => Gesture | null;

/** A finger is less exact than a mouse. CSS pixels. */
export function reachOf(press: Press): number {
  return press.type === "touch" ? 14 : press.type === "pen" ? 8 : 6;
}

export function plainStyle(style: ToolStyle): Style {
  const { stroke, fill, width, opacity } = style;
  return { stroke, fill, width, opacity };
}
