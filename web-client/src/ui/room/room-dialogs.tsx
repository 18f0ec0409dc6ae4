/** The dialogs of the room, one at a time. */
import { KeyboardDialog } from "../keyboard/keyboard-dialog.tsx";
import { Confirm } from "../kit/dialog.tsx";
import { useActions, useRoom, useText } from "../page-context.ts";
import { useRoomView, useRoomViewStore } from "./room-view.ts";

export function RoomDialogs() {
  const text = useText();
  const actions = useActions();
  const view = useRoomViewStore();
  const dialog = useRoomView((state) => state.dialog);
  const others = useRoom((state) => Math.max(0, state.participants.size - 1));
  const name = useRoom((state) =>
    dialog?.name === "remove" ? state.participants.get(dialog.participant)?.name : undefined,
  );
  const close = () => view.setState({ dialog: null });
  const end = () => actions.moderate({ action: "end" });
  switch (dialog?.name) {
    case undefined:
      return null;
    case "keys":
      return <KeyboardDialog onClose={close} />;
    case "end":
      return (
        <Confirm
          title={text("confirm.end_title")}
          body={text("confirm.end_body", { count: others })}
          confirm={text("confirm.end")}
          onConfirm={end}
          onClose={close}
        />
      );
    case "leave_tutor":
      return (
        <Confirm
          title={text("confirm.leave_tutor_title")}
          body={text("confirm.leave_tutor_body")}
          confirm={text("control.end")}
          other={{ label: text("control.leave_class"), run: () => actions.leave() }}
          onConfirm={end}
          onClose={close}
        />
      );
    case "remove":
      // Who has left in the meantime needs no removal.
      return name === undefined ? null : (
        <Confirm
          title={text("confirm.remove_title", { name })}
          body={text("confirm.remove_body")}
          confirm={text("confirm.remove")}
          onConfirm={() => actions.moderate({ action: "remove", participant: dialog.participant })}
          onClose={close}
        />
      );
  }
}
