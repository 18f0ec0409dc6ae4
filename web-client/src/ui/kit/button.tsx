/** The buttons of the page: primary once a screen, plain and quiet for the rest, danger for what ends something. */
import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";
import styles from "./button.module.css";
import { classes } from "./classes.ts";

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children"> {
  readonly look?: "primary" | "plain" | "quiet" | "danger";
  readonly large?: boolean;
  readonly wide?: boolean;
  /** An icon stands alone: then `aria-label` is the name. */
  readonly iconOnly?: boolean;
  readonly children: ReactNode;
}

export function Button({
  look = "plain",
  large = false,
  wide = false,
  iconOnly = false,
  ...props
}: ButtonProps) {
  return (
    <AriaButton
      {...props}
      className={classes(
        styles.button,
        styles[look],
        large && styles.large,
        wide && styles.wide,
        iconOnly && styles.icon,
      )}
    />
  );
}
