import { describe, expect, it, vi } from "vitest";
import { createRoomView } from "../room/room-view.ts";
import type { Commands } from "../room/use-commands.ts";
import { runCommand } from "./run-command.ts";

function commandsFor(may: boolean) {
  return {
    canTalk: may,
    canShow: may,
    canShare: may,
    canRaise: may,
    canEnd: false,
    canMuteOthers: false,
    canRemove: false,
    handUp: false,
    toggleMic: vi.fn(),
    toggleCamera: vi.fn(),
    toggleScreen: vi.fn(),
    toggleHand: vi.fn(),
    togglePeople: vi.fn(),
    toggleBoard: vi.fn(),
    leave: vi.fn(),
  } satisfies Commands;
}

const TOGGLES = {
  mic: "toggleMic",
  camera: "toggleCamera",
  share: "toggleScreen",
  hand: "toggleHand",
} as const;
const names = Object.keys(TOGGLES) as (keyof typeof TOGGLES)[];

describe("a key", () => {
  it.each(names)("for %s does what the button does", (name) => {
    const commands = commandsFor(true);
    expect(runCommand({ name }, commands, createRoomView())).toBe(true);
    expect(commands[TOGGLES[name]]).toHaveBeenCalledOnce();
  });

  it.each(names)("for %s opens no device, and raises no hand, of an observer", (name) => {
    const commands = commandsFor(false);
    expect(runCommand({ name }, commands, createRoomView())).toBe(false);
    expect(commands[TOGGLES[name]]).not.toHaveBeenCalled();
  });

  it("to go back closes the panel first, then the pinned tile, then belongs to the browser", () => {
    const view = createRoomView({ people: true, pinned: "camera:ben" as never });
    const back = () => runCommand({ name: "back" }, commandsFor(true), view);
    expect(back()).toBe(true);
    expect(view.getState()).toMatchObject({ people: false, pinned: "camera:ben" });
    expect(back()).toBe(true);
    expect(view.getState().pinned).toBeNull();
    expect(back()).toBe(false);
  });

  it("for the board shows it, and the one to follow comes back to the tutor's stage", () => {
    const view = createRoomView({ stage: "class", pinned: "camera:ben" as never });
    const commands = commandsFor(true);
    expect(runCommand({ name: "board" }, commands, view)).toBe(true);
    expect(commands.toggleBoard).toHaveBeenCalledOnce();
    runCommand({ name: "follow" }, commands, view);
    expect(view.getState()).toMatchObject({ stage: "follow", pinned: null, follows: 1 });
  });

  it("of a tile that is not there does nothing", () => {
    expect(runCommand({ name: "focus_tile", index: 3 }, commandsFor(true), createRoomView())).toBe(false);
  });
});
