/** The link of a person: never colour alone, always a shape with its words. */
import type { Quality } from "../../protocol/vocabulary.ts";
import { useText } from "../page-context.ts";
import { classes } from "./classes.ts";
import { Hidden } from "./hidden.tsx";
import styles from "./quality-sign.module.css";

const strength = { excellent: 4, good: 3, poor: 1, lost: 0 } as const;
const bars = [4, 9, 14, 19] as const;

export interface QualitySignProps {
  readonly quality: Quality;
  /** "wide": the words are seen where there is room for them; otherwise they are only heard. */
  readonly words?: "always" | "wide" | "heard";
  readonly size?: number;
}

export function QualitySign({ quality, words = "heard", size = 18 }: QualitySignProps) {
  const text = useText();
  const label = text(`quality.${quality}`);
  return (
    <span className={styles.sign} data-quality={quality} title={label}>
      <svg width={size} height={size} viewBox="0 0 24 24" className={styles.bars} aria-hidden="true">
        {bars.map((height, index) => (
          <path
            key={height}
            d={`M${4 + index * 5.3} 21v-${height - 2}`}
            className={index < strength[quality] ? styles.full : styles.empty}
          />
        ))}
        {quality === "lost" && <path d="M4 4l9 9m0-9l-9 9" className={styles.full} />}
      </svg>
      {words === "heard" ? (
        <Hidden>{label}</Hidden>
      ) : (
        <span className={classes(words === "wide" && styles.wide)}>{label}</span>
      )}
    </span>
  );
}
