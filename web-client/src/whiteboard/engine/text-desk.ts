/** Where text is written: opens the field, and turns what was typed into a change of the page. */
import { type Note, type Shape, type ShapeId, sameBytes, type Text } from "../model/shape.ts";
import { encodeShape } from "../model/shape-codec.ts";
import { type Restyle, restyled } from "../model/shape-edit.ts";
import { copied } from "./board-clipboard.ts";
import type { BoardCore } from "./board-core.ts";
import { TextEditor } from "./text-editor.ts";

export class TextDesk {
  readonly #core: BoardCore;
  readonly #label: string;
  #editor: TextEditor | null = null;

  constructor(core: BoardCore, label: string) {
    this.#core = core;
    this.#label = label;
  }

  /** The shape that is being written, null = none. */
  get id(): ShapeId | null {
    return this.#editor?.id ?? null;
  }

  open(id: ShapeId, shape: Text | Note, isNew: boolean): void {
    this.close();
    const { view } = this.#core;
    this.#editor = new TextEditor(view.words, id, shape, isNew, view.setter, this.#label, {
      onDone: (_id, done) => this.#done(id, done, isNew),
      onInput: () => this.place(),
    });
    this.place();
    this.#editor.focus();
    this.#core.selectionChanged();
  }

  close(): void {
    this.#editor?.close();
  }

  place(): void {
    this.#editor?.place(this.#core.view.camera);
  }

  /** False = nothing is being written. */
  restyle(change: Restyle): boolean {
    const editor = this.#editor;
    if (!editor) return false;
    const shape = restyled(editor.shape, change);
    if (shape.type === "text" || shape.type === "note") editor.restyle(shape);
    return true;
  }

  /** The page was locked: what was typed goes to the clipboard, so that it is not lost. True = there was something. */
  rescue(): boolean {
    const editor = this.#editor;
    this.#editor = null;
    const shape = editor?.drop();
    if (!editor || !shape) return false;
    if (shape.text.trim() !== "") copied([{ id: editor.id, shape }], this.#core.setter);
    return true;
  }

  #done(id: ShapeId, shape: Text | Note, isNew: boolean): void {
    this.#editor = null;
    const core = this.#core;
    const known = core.view.scene?.get(id);
    const empty = shape.text === "" && shape.type === "text";
    const next: Shape = { ...shape, z: known?.shape.z ?? shape.z };
    if (core.view.scene && !core.locked && !(isNew && empty)) {
      if (empty) core.commit([{ id, shape: null }], "text");
      else if (
        !sameBytes(encodeShape(next), known?.blob ?? null) &&
        core.commit([{ id, shape: next }], "text")
      )
        this.#made(id, isNew);
    }
    core.selectionChanged();
    core.focus();
  }

  #made(id: ShapeId, isNew: boolean): void {
    if (!isNew) return;
    this.#core.toSelect();
    this.#core.select([id]);
    this.#core.events.onAnnounce({ what: "created", count: 1 });
  }
}
