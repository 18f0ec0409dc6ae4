/** The link of a person: never colour alone, always a shape with its words. */
import { Signal, SignalHigh, SignalLow, SignalZero } from "lucide-react";
import type { Quality } from "../../protocol/vocabulary.ts";
import { useText } from "../page-context.ts";
import { Hidden } from "./hidden.tsx";
import styles from "./quality-sign.module.css";

const icons = { excellent: Signal, good: SignalHigh, poor: SignalLow, lost: SignalZero } as const;

export interface QualitySignProps {
  readonly quality: Quality;
  /** The words are seen, not only heard. */
  readonly withWords?: boolean;
  readonly size?: number;
}

export function QualitySign({ quality, withWords = false, size = 18 }: QualitySignProps) {
  const text = useText();
  const Icon = icons[quality];
  const words = text(`quality.${quality}`);
  return (
    <span className={styles.sign} data-quality={quality} title={withWords ? undefined : words}>
      <Icon size={size} aria-hidden />
      {withWords ? <span>{words}</span> : <Hidden>{words}</Hidden>}
    </span>
  );
}
