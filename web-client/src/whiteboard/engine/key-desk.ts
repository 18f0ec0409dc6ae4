/** The board by keyboard: what a command does to the selection, the view and the focus. */
import { type BoardCommand, commandFor } from "../a11y/board-keys.ts";
import { entryFor, listShapes } from "../a11y/shape-list.ts";
import type { BoardEngine } from "../board-engine.ts";
import type { Shape, ShapeId, TurnedBox } from "../model/shape.ts";
import type { ChangeLabel } from "../page-model.ts";
import { selectionFrame } from "../tools/selection.ts";
import type { BoardCore } from "./board-core.ts";
import { type Changed, movedBy, resizedBy, turnedBy } from "./selection-changes.ts";

type Deed = (shapes: readonly { id: ShapeId; shape: Shape }[], frame: TurnedBox) => Changed[];

const ZOOM_STEP = 1.25;

export class KeyDesk {
  readonly #core: BoardCore;
  readonly #engine: BoardEngine;

  constructor(core: BoardCore, engine: BoardEngine) {
    this.#core = core;
    this.#engine = engine;
  }

  listen(signal: AbortSignal): void {
    this.#core.view.element.addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  run(command: BoardCommand): void {
    const engine = this.#engine;
    switch (command.do) {
      case "move":
        this.#change((shapes) => movedBy(shapes, command.dx, command.dy), "move", "moved");
        break;
      case "resize":
        this.#change(
          (shapes, frame) => resizedBy(shapes, frame, command.dx, command.dy),
          "change",
          "resized",
        );
        break;
      case "turn":
        this.#change((shapes, frame) => turnedBy(shapes, frame, command.degrees), "move", "turned");
        break;
      case "pan":
        this.#core.driver.pan(command.dx, command.dy);
        break;
      case "next":
        this.#step(1);
        break;
      case "previous":
        this.#step(-1);
        break;
      case "delete":
        engine.deleteSelected();
        break;
      case "activate":
        this.#activate();
        break;
      case "escape":
        this.#escape();
        break;
      case "all":
        engine.selectAll();
        break;
      case "undo":
      case "redo":
        engine[command.do]();
        break;
      case "duplicate":
        engine.duplicateSelected();
        break;
      case "zoomIn":
        engine.zoomBy(ZOOM_STEP);
        break;
      case "zoomOut":
        engine.zoomBy(1 / ZOOM_STEP);
        break;
      case "zoomFit":
        engine.zoomToFit();
        break;
      case "zoomWhole":
        engine.zoomTo(1);
        break;
      default:
        engine.order(command.do);
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || !this.#core.view.scene) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const press = { key: event.key, shift: event.shiftKey, alt: event.altKey, ctrl };
    const command = commandFor(press, this.#core.selection.length > 0);
    if (!command) return;
    event.preventDefault();
    // The room has keys of its own: an arrow that moved a shape must not turn the page, too.
    event.stopPropagation();
    this.run(command);
  }

  #change(deed: Deed, label: ChangeLabel, what: "moved" | "resized" | "turned"): void {
    const core = this.#core;
    const shapes = core.changeable();
    const frame = core.view.scene && selectionFrame(core, shapes);
    if (!frame || !core.commit(deed(shapes, frame), label)) return;
    const first = shapes[0] && core.scene.get(shapes[0].id);
    if (first) core.events.onAnnounce({ what, entry: entryFor(core.listed, first) });
  }

  /** To the next or the last shape in reading order. */
  #step(by: 1 | -1): void {
    const core = this.#core;
    const entries = listShapes(core.listed).filter(({ editable }) => editable);
    if (entries.length === 0) {
      core.events.onAnnounce({ what: "nothing_selected" });
      return;
    }
    const at = entries.findIndex(({ ids }) => ids.some((id) => core.selection.includes(id)));
    const next = at < 0 ? (by > 0 ? 0 : entries.length - 1) : (at + by + entries.length) % entries.length;
    const entry = entries[next];
    if (!entry) return;
    core.toSelect();
    core.select(entry.ids);
    const box = core.scene.boundsOfAll(entry.ids);
    if (box) core.driver.bringIntoView(box);
    core.events.onAnnounce({ what: "selected", entry, count: entry.ids.length });
  }

  #activate(): void {
    const core = this.#core;
    const [only] = core.selection;
    if (only && core.selection.length === 1) core.edit(only);
    else if (core.selection.length === 0) this.#engine.create(core.tool);
  }

  #escape(): void {
    const core = this.#core;
    if (core.drawing) core.cancelGesture();
    else if (core.selection.length > 0) core.select([]);
    else core.events.onLeave();
  }
}
