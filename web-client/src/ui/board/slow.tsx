/** Said only when it lasts: most things are there before anybody could read that they are not. */
import { useEffect, useState } from "react";
import styles from "./board.module.css";

const SLOW_MS = 400;

export function Slow({ words }: { readonly words: string }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return slow ? (
    <p className={styles.loading} role="status">
      {words}
    </p>
  ) : null;
}
