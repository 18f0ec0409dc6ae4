/** Initials on the person's colour. The name always stands beside it, so it is not read out. */
import { initials, personHue } from "../person-colour.ts";
import styles from "./avatar.module.css";

export function Avatar({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    // The hue is data; React sets it through the CSSOM, which the page's CSP allows.
    <span
      className={styles.avatar}
      style={{ "--person-hue": personHue(id) } as React.CSSProperties}
      aria-hidden="true"
    >
      {initials(name)}
    </span>
  );
}
