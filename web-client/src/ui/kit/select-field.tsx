/** One choice out of a few, with its label. */
import { Check, ChevronDown } from "lucide-react";
import { Button } from "react-aria-components/Button";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Select, SelectValue } from "react-aria-components/Select";
import popover from "./popover.module.css";
import styles from "./select-field.module.css";

export interface Choice {
  readonly id: string;
  readonly label: string;
}

export interface SelectFieldProps {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly selected: string | null;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly onSelect: (id: string) => void;
}

export function SelectField(props: SelectFieldProps) {
  const { label, choices, selected, placeholder, disabled = false, onSelect } = props;
  return (
    <Select
      className={styles.field ?? ""}
      value={selected}
      onChange={(key) => key !== null && onSelect(String(key))}
      isDisabled={disabled}
      placeholder={placeholder ?? ""}
    >
      <Label className={styles.label ?? ""}>{label}</Label>
      <Button className={styles.button ?? ""}>
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
