/** What the keys do while the focus is on the board. Pure: a key in, a command out. */

export interface KeyPress {
  readonly key: string;
  readonly shift: boolean;
  readonly alt: boolean;
  /** Control, or Command on a Mac. */
  readonly ctrl: boolean;
}

export type BoardCommand =
  | { readonly do: "move" | "resize"; readonly dx: number; readonly dy: number }
  | { readonly do: "pan"; readonly dx: number; readonly dy: number }
  | { readonly do: "turn"; readonly degrees: number }
  | { readonly do: "next" | "previous" | "delete" | "activate" | "escape" | "all" }
  | { readonly do: "undo" | "redo" | "duplicate" }
  | { readonly do: "front" | "back" | "forward" | "backward" }
  | { readonly do: "zoomIn" | "zoomOut" | "zoomFit" | "zoomWhole" };

/** Steps of moving and resizing in units: as such, with Shift, with Alt. */
const STEP = { plain: 8, large: 40, fine: 1 } as const;
const TURN = { plain: 15, fine: 1 } as const;
/** CSS pixels that the view moves when nothing is selected. */
const PAN_PX = 80;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const WITH_CTRL: Readonly<Record<string, BoardCommand>> = {
  z: { do: "undo" },
  y: { do: "redo" },
  d: { do: "duplicate" },
  a: { do: "all" },
  "]": { do: "forward" },
  "[": { do: "backward" },
};

const PLAIN: Readonly<Record<string, BoardCommand>> = {
  Delete: { do: "delete" },
  Backspace: { do: "delete" },
  Enter: { do: "activate" },
  Escape: { do: "escape" },
  ".": { do: "next" },
  ",": { do: "previous" },
  "+": { do: "zoomIn" },
  "=": { do: "zoomIn" },
  "-": { do: "zoomOut" },
  Home: { do: "zoomFit" },
  End: { do: "zoomWhole" },
};

/** Null = the key is none of the board's, and goes on to the room. */
export function commandFor(press: KeyPress, somethingSelected: boolean): BoardCommand | null {
  const arrow = ARROWS[press.key];
  if (arrow) return arrowCommand(arrow, press, somethingSelected);
  if (press.ctrl) {
    const key = press.key.toLowerCase();
    if (key === "z" && press.shift) return { do: "redo" };
    if (press.shift && (key === "]" || key === "}")) return { do: "front" };
    if (press.shift && (key === "[" || key === "{")) return { do: "back" };
    return WITH_CTRL[key] ?? null;
  }
  if (press.key === ">" || press.key === "<") {
    const step = press.alt ? TURN.fine : TURN.plain;
    return somethingSelected ? { do: "turn", degrees: press.key === ">" ? step : -step } : null;
  }
  return press.alt ? null : (PLAIN[press.key] ?? null);
}

function arrowCommand([x, y]: readonly [number, number], press: KeyPress, selected: boolean): BoardCommand {
  if (!selected) return { do: "pan", dx: 0 - x * PAN_PX, dy: 0 - y * PAN_PX };
  const step = press.shift ? STEP.large : press.alt ? STEP.fine : STEP.plain;
  return { do: press.ctrl ? "resize" : "move", dx: x * step, dy: y * step };
}
