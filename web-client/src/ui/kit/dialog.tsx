/** A dialog over the page. Only for what the person asked for, or what cannot be taken back. */
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useText } from "../page-context.ts";
import { Button } from "./button.tsx";
import styles from "./dialog.module.css";

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** A question: read out as an alert, without a cross in the corner. */
  readonly question?: boolean;
  readonly children: ReactNode;
}

export function Dialog({ title, onClose, question = false, children }: DialogProps) {
  const text = useText();
  return (
    <ModalOverlay
      className={styles.overlay ?? ""}
      isOpen
      isDismissable={!question}
      onOpenChange={(open) => !open && onClose()}
    >
      <Modal className={styles.modal ?? ""}>
        <AriaDialog className={styles.dialog ?? ""} role={question ? "alertdialog" : "dialog"}>
          <div className={styles.head}>
            <Heading slot="title" level={2} className={styles.title ?? ""}>
              {title}
            </Heading>
            {!question && (
              <span className={styles.close}>
                <Button look="quiet" iconOnly aria-label={text("action.close")} onPress={onClose}>
                  <X size={20} aria-hidden />
                </Button>
              </span>
            )}
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface ConfirmProps {
  readonly title: string;
  readonly body: string;
  readonly confirm: string;
  /** A second, milder way, for example "only leave". */
  readonly other?: { readonly label: string; readonly run: () => void };
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function Confirm({ title, body, confirm, other, onConfirm, onClose }: ConfirmProps) {
  const text = useText();
  const finish = (run: () => void) => () => {
    onClose();
    run();
  };
  return (
    <Dialog title={title} onClose={onClose} question>
      <p className={styles.body}>{body}</p>
      <div className={styles.actions}>
        <Button autoFocus onPress={onClose}>
          {text("action.cancel")}
        </Button>
        {other && <Button onPress={finish(other.run)}>{other.label}</Button>}
        <Button look="danger" onPress={finish(onConfirm)}>
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
