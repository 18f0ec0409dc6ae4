/** What a key does in the room: nothing that the buttons would not let this person do. */
import { followClass, type RoomViewStore, togglePin } from "../room/room-view.ts";
import type { Commands } from "../room/use-commands.ts";
import type { Command } from "./key-map.ts";

/** Returns whether the key did something, so that an Escape without a use stays the browser's. */
export function runCommand(command: Command, commands: Commands, view: RoomViewStore): boolean {
  switch (command.name) {
    case "help":
      view.setState({ dialog: { name: "keys" } });
      return true;
    case "mic":
      return commands.canTalk && done(commands.toggleMic);
    case "camera":
      return commands.canShow && done(commands.toggleCamera);
    case "hand":
      return commands.canRaise && done(commands.toggleHand);
    case "share":
      return commands.canShare && done(commands.toggleScreen);
    case "people":
      return done(commands.togglePeople);
    case "follow":
      followClass(view);
      return true;
    case "board":
      return done(commands.toggleBoard);
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

function done(run: () => void): true {
  run();
  return true;
}

/** One step at a time: first the panel that covers, then the pinned tile. */
function goBack(view: RoomViewStore): boolean {
  const { people, pinned } = view.getState();
  if (!people && !pinned) return false;
  view.setState(people ? { people: false } : { pinned: null });
  return true;
}
