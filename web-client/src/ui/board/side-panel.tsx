/** A list beside the page; on a phone it covers the page. */
import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "../kit/button.tsx";
import { useText } from "../page-context.ts";
import styles from "./side-panel.module.css";

export interface SidePanelProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function SidePanel({ title, onClose, children }: SidePanelProps) {
  const text = useText();
  const id = useId();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  return (
    <aside className={styles.panel} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id} ref={head} tabIndex={-1} className={styles.title}>
          {title}
        </h2>
        <Button look="quiet" iconOnly aria-label={text("action.close")} onPress={onClose}>
          <X size={20} aria-hidden />
        </Button>
      </div>
      <div className={styles.scroll}>{children}</div>
    </aside>
  );
}
