/** One choice out of a few, with its label. */
import { Check, ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Select, SelectValue } from "react-aria-components/Select";
import { classes } from "./classes.ts";
import popover from "./popover.module.css";
import styles from "./select-field.module.css";

export interface Choice {
  readonly id: string;
  readonly label: string;
}

export interface SelectFieldProps {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly choices: readonly Choice[];
  readonly selected: string | null;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  /** Without a visible label or border, for bars; the label is still read out. */
  readonly compact?: boolean;
  readonly onSelect: (id: string) => void;
}

export function SelectField(props: SelectFieldProps) {
  const { label, icon, choices, selected, placeholder, disabled = false, compact = false, onSelect } = props;
  return (
    <Select
      className={classes(styles.field, compact && styles.compact)}
      {...(compact && { "aria-label": label })}
      value={selected}
      onChange={(key) => key !== null && onSelect(String(key))}
      isDisabled={disabled}
      placeholder={placeholder ?? ""}
    >
      {!compact && <Label className={styles.label ?? ""}>{label}</Label>}
      <Button className={styles.button ?? ""}>
        {icon && <span className={styles.icon}>{icon}</span>}
        <SelectValue className={styles.value ?? ""}>
          {({ selectedText, defaultChildren }) => selectedText || defaultChildren}
        </SelectValue>
        <ChevronDown size={16} aria-hidden />
      </Button>
      <Popover className={popover.popover ?? ""}>
        <ListBox className={popover.list ?? ""} items={choices}>
          {(choice) => (
            <ListBoxItem className={popover.item ?? ""} textValue={choice.label}>
              <span className={popover.text}>{choice.label}</span>
              <Check className={popover.tick} size={18} aria-hidden />
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
