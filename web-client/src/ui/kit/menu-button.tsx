/** A button that opens a menu of sections: actions, or choices of which one is ticked. */
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Header } from "react-aria-components/Header";
import { Menu, MenuItem, MenuSection, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import popover from "./popover.module.css";

export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly danger?: boolean;
  readonly run: () => void;
}

export interface MenuGroup {
  readonly id: string;
  readonly title?: string;
  /** When given, the group is a choice and this entry is ticked. */
  readonly selected?: string | null;
  readonly entries: readonly MenuEntry[];
}

export interface MenuButtonProps {
  readonly label: string;
  readonly className: string;
  readonly groups: readonly MenuGroup[];
  readonly children: ReactNode;
}

export function MenuButton({ label, className, groups, children }: MenuButtonProps) {
  return (
    <MenuTrigger>
      <Button className={className} aria-label={label}>
        {children}
      </Button>
      <Popover className={popover.popover ?? ""}>
        <Menu className={popover.list ?? ""} aria-label={label}>
          {groups.map((group) => (
            <Section key={group.id} group={group} label={label} />
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function Section({ group, label }: { readonly group: MenuGroup; readonly label: string }) {
  const isChoice = group.selected !== undefined;
  return (
    <MenuSection
      className={popover.section ?? ""}
      aria-label={group.title ?? label}
      selectionMode={isChoice ? "single" : "none"}
      selectedKeys={isChoice && group.selected ? [group.selected] : []}
    >
      {group.title && <Header className={popover.header ?? ""}>{group.title}</Header>}
      {group.entries.map((entry) => (
        <MenuItem
          key={entry.id}
          id={entry.id}
          className={popover.item ?? ""}
          textValue={entry.label}
          data-danger={entry.danger}
          onAction={entry.run}
        >
          {entry.icon}
          <span className={popover.text}>{entry.label}</span>
          {isChoice && <Check className={popover.tick} size={18} aria-hidden />}
        </MenuItem>
      ))}
    </MenuSection>
  );
}
