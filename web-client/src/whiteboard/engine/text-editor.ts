/** The field in which text is typed: it lies on the page where the text will be, and looks like it. */
import layout from "../../../../whiteboard/layout.json";
import { colourOf, tinted } from "../model/palette.ts";
import { FLAG, type Note, type ShapeId, type Text } from "../model/shape.ts";
import { frameOf } from "../model/shape-bounds.ts";
import { MAX_TEXT_CHARS } from "../model/shape-codec.ts";
import type { TextSetter } from "../model/text-layout.ts";
import { cssFont } from "./board-fonts.ts";
import type { Camera } from "./camera.ts";

export interface TextEditorEvents {
  /** The person is done; the text may be as it was. */
  onDone(id: ShapeId, shape: Text | Note, isNew: boolean): void;
  onInput(shape: Text | Note): void;
}

export class TextEditor {
  readonly id: ShapeId;
  readonly isNew: boolean;
  readonly #field = document.createElement("textarea");
  readonly #setter: TextSetter;
  readonly #events: TextEditorEvents;
  #shape: Text | Note;
  #open = true;

  constructor(
    into: HTMLElement,
    id: ShapeId,
    shape: Text | Note,
    isNew: boolean,
    setter: TextSetter,
    label: string,
    events: TextEditorEvents,
  ) {
    this.id = id;
    this.isNew = isNew;
    this.#shape = shape;
    this.#setter = setter;
    this.#events = events;
    const field = this.#field;
    field.value = shape.text;
    field.dir = "auto";
    field.spellcheck = true;
    field.rows = 1;
    field.setAttribute("aria-label", label);
    field.dataset.boardText = "";
    // Stays a plain length check: the browser counts UTF-16 units, of which there are never fewer.
    field.maxLength = MAX_TEXT_CHARS;
    field.addEventListener("input", () => this.#input());
    field.addEventListener("keydown", (event) => this.#key(event));
    field.addEventListener("blur", () => this.close());
    for (const type of ["pointerdown", "pointermove", "wheel", "dblclick"])
      field.addEventListener(type, (event) => event.stopPropagation());
    into.append(field);
  }

  get shape(): Text | Note {
    return this.#shape;
  }

  focus(): void {
    this.#field.focus({ preventScroll: true });
    this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length);
  }

  /** The style was changed in the toolbar while the text is open. */
  restyle(shape: Text | Note): void {
    this.#shape = { ...shape, text: this.#field.value };
    this.#events.onInput(this.#shape);
  }

  place(camera: Camera): void {
    const shape = this.#shape;
    const { style } = this.#field;
    const frame = frameOf(shape, this.#setter);
    const isNote = shape.type === "note";
    const set = this.#setter.lay(shape);
    const bold = (shape.flags & FLAG.bold) !== 0;
    const centred = (shape.flags & FLAG.centred) !== 0;
    const padding = isNote ? layout.note.padding : 0;
    const height = isNote ? frame.height : Math.max(frame.height, shape.size * layout.text.line_height);
    const spare = isNote && centred ? Math.max(0, (height - 2 * padding - set.height) / 2) : 0;
    const middle = camera.toView({ x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 });
    style.width = `${frame.width}px`;
    style.height = `${height}px`;
    style.padding = `${padding + spare}px ${padding}px ${padding}px`;
    style.font = cssFont(set.size, bold);
    style.lineHeight = String(layout.text.line_height);
    style.color = colourOf(shape.style.stroke || 1);
    style.textAlign = centred ? "center" : "start";
    style.background = isNote
      ? tinted(colourOf(shape.style.fill || layout.note.default_fill), layout.note.tint)
      : "";
    style.transformOrigin = "0 0";
    style.transform =
      `translate(${middle.x}px, ${middle.y}px) rotate(${frame.angle}deg) scale(${camera.zoom}) ` +
      `translate(${-frame.width / 2}px, ${-frame.height / 2}px)`;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    const text = this.#field.value.replace(/\s+$/, "");
    this.#field.remove();
    this.#events.onDone(this.id, { ...this.#shape, text }, this.isNew);
  }

  /** Ends without a word: the page was locked, or another page came. */
  drop(): Text | Note {
    this.#open = false;
    const text = this.#field.value;
    this.#field.remove();
    return { ...this.#shape, text };
  }

  #input(): void {
    this.#shape = { ...this.#shape, text: this.#field.value };
    this.#events.onInput(this.#shape);
  }

  #key(event: KeyboardEvent): void {
    // The room's single-letter keys must not fire while someone types.
    event.stopPropagation();
    if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      this.close();
    }
  }
}
