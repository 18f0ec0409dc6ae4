/** The commands of the room, the same for buttons, menus and keys. */
import { useMemo } from "react";
import { usePage, useRoom } from "../page-context.ts";
import { boardShown, isLed } from "../stage/use-board-shown.ts";
import { toggleBoard, useRoomViewStore } from "./room-view.ts";

export interface Commands {
  readonly canTalk: boolean;
  readonly canShow: boolean;
  readonly canShare: boolean;
  readonly canRaise: boolean;
  readonly canEnd: boolean;
  readonly canMuteOthers: boolean;
  readonly canRemove: boolean;
  readonly handUp: boolean;
  readonly toggleMic: () => void;
  readonly toggleCamera: () => void;
  readonly toggleScreen: () => void;
  readonly toggleHand: () => void;
  readonly togglePeople: () => void;
  readonly toggleBoard: () => void;
  readonly leave: () => void;
}

export function useCommands(): Commands {
  const { store, actions, preferences } = usePage();
  const view = useRoomViewStore();
  const may = useRoom((state) => state.me.may);
  const handUp = useRoom((state) =>
    state.me.participant ? handOf(state.participants.get(state.me.participant)) : false,
  );
  return useMemo(
    () => ({
      canTalk: may.has("publish_mic"),
      canShow: may.has("publish_camera"),
      // Phones have no getDisplayMedia at all.
      canShare: may.has("publish_screen") && "getDisplayMedia" in (navigator.mediaDevices ?? {}),
      canRaise: may.has("raise_hand"),
      canEnd: may.has("end_session"),
      canMuteOthers: may.has("mute_others"),
      canRemove: may.has("remove_others"),
      handUp,
      toggleMic: () => {
        const on = !store.getState().mic.on;
        preferences.setState({ mic: on });
        actions.setMic(on);
      },
      toggleCamera: () => {
        const on = !store.getState().camera.on;
        preferences.setState({ camera: on });
        actions.setCamera(on);
      },
      toggleScreen: () => {
        const { screen, board, me } = store.getState();
        actions.setScreen(!screen.on);
        // Who shows the class a screen takes it off the board.
        if (!screen.on && me.role === "tutor" && isLed(board)) void board?.ask({ type: "turn", page: null });
      },
      toggleHand: () => actions.setHand(!handUp),
      toggleBoard: () => {
        const led = isLed(store.getState().board);
        toggleBoard(view, boardShown(view.getState().stage, led), led);
      },
      togglePeople: () => view.setState((state) => ({ people: !state.people })),
      leave: () => {
        const others = store.getState().participants.size > 1;
        if (may.has("end_session") && others) view.setState({ dialog: { name: "leave_tutor" } });
        else actions.leave();
      },
    }),
    [store, actions, preferences, view, may, handUp],
  );
}

function handOf(person: { readonly hand: number | null } | undefined): boolean {
  return person !== undefined && person.hand !== null;
}
