/** The sign of the page: people who gather in front of one. */
import styles from "./join-page.module.css";

export function Brand({ name }: { readonly name: string }) {
  return (
    <span className={styles.brand}>
      <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="9" className={styles.brandGround} />
        <path d="M8 23V10.5l8 7.5 8-7.5V23" className={styles.brandLine} />
      </svg>
      {name}
    </span>
  );
}
