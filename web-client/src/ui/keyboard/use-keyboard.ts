/** Listens to the keys of the room and runs their commands. */
import { useEffect } from "react";
import { usePage } from "../page-context.ts";
import { type RoomViewStore, togglePin, useRoomViewStore } from "../room/room-view.ts";
import { type Commands, useCommands } from "../room/use-commands.ts";
import { type Command, commandFor, type KeyContext } from "./key-map.ts";
import { PushToTalk } from "./push-to-talk.ts";

export function useKeyboard(): void {
  const { actions, preferences } = usePage();
  const view = useRoomViewStore();
  const commands = useCommands();
  useEffect(() => {
    const talk = new PushToTalk((held) => actions.pushToTalk(held));
    const down = (event: KeyboardEvent) => {
      const command = commandFor(event, contextOf(event, preferences.getState().keys));
      if (!command) return;
      if (command.name === "talk") {
        event.preventDefault();
        talk.press();
      } else if (!event.repeat && run(command, commands, view)) event.preventDefault();
    };
    const up = (event: KeyboardEvent) => {
      if (event.key === " ") talk.release();
    };
    const release = () => talk.release();
    document.addEventListener("keydown", down);
    document.addEventListener("keyup", up);
    window.addEventListener("blur", release);
    return () => {
      talk.release();
      document.removeEventListener("keydown", down);
      document.removeEventListener("keyup", up);
      window.removeEventListener("blur", release);
    };
  }, [actions, preferences, view, commands]);
}

/** Returns whether the key did something, so that an Escape without a use stays the browser's. */
function run(command: Command, commands: Commands, view: RoomViewStore): boolean {
  switch (command.name) {
    case "help":
      view.setState({ dialog: { name: "keys" } });
      return true;
    case "mic":
      commands.toggleMic();
      return true;
    case "camera":
      commands.toggleCamera();
      return true;
    case "hand":
      if (commands.canRaise) commands.toggleHand();
      return commands.canRaise;
    case "share":
      if (commands.canShare) commands.toggleScreen();
      return commands.canShare;
    case "people":
      commands.togglePeople();
      return true;
    case "follow":
      view.setState({ pinned: null, page: 0 });
      return true;
    case "focus_tile": {
      const key = view.getState().shown[command.index];
      if (key) togglePin(view, key);
      return key !== undefined;
    }
    case "back":
      return goBack(view);
    case "talk":
      return false;
  }
}

/** One step at a time: first the panel that covers, then the pinned tile. */
function goBack(view: RoomViewStore): boolean {
  const { people, pinned } = view.getState();
  if (!people && !pinned) return false;
  view.setState(people ? { people: false } : { pinned: null });
  return true;
}

function contextOf(event: KeyboardEvent, enabled: boolean): KeyContext {
  const target = event.target instanceof Element ? event.target : null;
  return {
    enabled,
    typing: target?.closest("input, textarea, select, [contenteditable=true]") != null,
    onControl: target?.closest("button, a, summary, [role=button], [role=option], [role=menuitem]") != null,
    inOverlay:
      document.querySelector("[role=dialog], [role=alertdialog], [role=menu], [role=listbox]") !== null,
  };
}
