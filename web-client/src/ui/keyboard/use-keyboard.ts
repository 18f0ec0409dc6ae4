/** Listens to the keys of the room and runs their commands. */
import { useEffect, useState } from "react";
import { usePage } from "../page-context.ts";
import { useRoomViewStore } from "../room/room-view.ts";
import { useCommands } from "../room/use-commands.ts";
import { commandFor, type KeyContext } from "./key-map.ts";
import { PushToTalk } from "./push-to-talk.ts";
import { runCommand } from "./run-command.ts";

export function useKeyboard(): void {
  const { actions, preferences } = usePage();
  const view = useRoomViewStore();
  const commands = useCommands();
  // Outlives the commands: a hand that goes up or down while one talks must not close the microphone.
  const [talk] = useState(() => new PushToTalk((held) => actions.pushToTalk(held)));
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      const command = commandFor(event, contextOf(event, preferences.getState().keys));
      if (!command) return;
      if (command.name === "talk") {
        event.preventDefault();
        if (commands.canTalk) talk.press();
      } else if (!event.repeat && runCommand(command, commands, view)) event.preventDefault();
    };
    document.addEventListener("keydown", down);
    return () => document.removeEventListener("keydown", down);
  }, [preferences, view, commands, talk]);
  useEffect(() => {
    const up = (event: KeyboardEvent) => {
      if (event.key === " ") talk.release();
    };
    const release = () => talk.release();
    document.addEventListener("keyup", up);
    window.addEventListener("blur", release);
    return () => {
      talk.release();
      document.removeEventListener("keyup", up);
      window.removeEventListener("blur", release);
    };
  }, [talk]);
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
