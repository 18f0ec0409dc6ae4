/** Pages with one message: what happened, what still works, what to do. */
import { type ReactNode, useEffect, useRef } from "react";
import { PageHeader } from "../join/join-page.tsx";
import { classes } from "../kit/classes.ts";
import { useRoom } from "../page-context.ts";
import styles from "./outcome-page.module.css";

export interface OutcomePageProps {
  readonly icon: ReactNode;
  readonly trouble?: boolean;
  readonly title: string;
  readonly children: ReactNode;
}

export function OutcomePage({ icon, trouble = false, title, children }: OutcomePageProps) {
  const room = useRoom((state) => state.room);
  const heading = useRef<HTMLHeadingElement>(null);
  // The page changed under the person: a screen reader begins at the new heading.
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={styles.page}>
      <PageHeader />
      <main className={styles.main}>
        <span className={classes(styles.sign, trouble && styles.trouble)}>{icon}</span>
        {room && (
          <p className={styles.room} dir="auto">
            {room.name}
          </p>
        )}
        <h1 ref={heading} className={styles.title} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </main>
    </div>
  );
}

export function Body({ children }: { readonly children: ReactNode }) {
  return <p className={styles.body}>{children}</p>;
}

export function Actions({ children }: { readonly children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}

/** Something runs whose length nobody knows. */
export function Progress() {
  return (
    <div className={styles.progress} aria-hidden="true">
      <div className={styles.runner} />
    </div>
  );
}
