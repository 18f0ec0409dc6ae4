/** The dialogs of the board, one at a time. */
import { useState } from "react";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { TextField } from "react-aria-components/TextField";
import type { Board, Page } from "../../whiteboard/sync/board-vocabulary.ts";
import { Button } from "../kit/button.tsx";
import { Confirm, Dialog } from "../kit/dialog.tsx";
import { useAsk, useBoard, useBoardParts, useBoardView } from "./board-context.ts";
import { RestoreDialog } from "./restore-dialog.tsx";
import styles from "./rights-dialog.module.css";
import { RightsDialog } from "./rights-dialog.tsx";

export function BoardDialogs({ page }: { readonly page: Page | null }) {
  const { view, words } = useBoardParts();
  const ask = useAsk();
  const dialog = useBoardView((state) => state.dialog);
  const board = useBoard((state) =>
    dialog && dialog.name !== "rights" ? state.boards.get(dialog.board) : undefined,
  );
  const close = () => view.setState({ dialog: null });
  if (dialog?.name === "rights") return page && <RightsDialog page={page} onClose={close} />;
  if (!dialog || !board) return null;
  if (dialog.name === "restore") return <RestoreDialog board={board.id} onClose={close} />;
  if (dialog.name === "rename_board") return <Rename board={board} onClose={close} />;
  return (
    <Confirm
      title={words("boards.remove_title", { title: board.title || words("board.name") })}
      body={words("boards.remove_body")}
      confirm={words("page.remove")}
      onConfirm={() => {
        void ask({ type: "board_remove", board: board.id });
        view.setState({ looking: null });
      }}
      onClose={close}
    />
  );
}

function Rename({ board, onClose }: { readonly board: Board; readonly onClose: () => void }) {
  const { words } = useBoardParts();
  const ask = useAsk();
  const [title, setTitle] = useState(board.title);
  const good = title.trim() !== "";
  return (
    <Dialog title={words("boards.rename")} onClose={onClose}>
      <form
        className={styles.parts}
        onSubmit={(event) => {
          event.preventDefault();
          if (!good) return;
          void ask({ type: "board_change", board: board.id, title: title.trim() });
          onClose();
        }}
      >
        <TextField className={styles.field ?? ""} value={title} onChange={setTitle} autoFocus>
          <Label className={styles.label ?? ""}>{words("boards.title_field")}</Label>
          <Input className={styles.input ?? ""} maxLength={80} />
        </TextField>
        <div className={styles.end}>
          <Button type="submit" look="primary" isDisabled={!good}>
            {words("boards.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
