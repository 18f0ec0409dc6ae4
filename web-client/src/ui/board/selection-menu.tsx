/** What can be done with what is selected; with nothing selected, with everything. */
import { SquareDashedMousePointer } from "lucide-react";
import { MenuButton, type MenuEntry } from "../kit/menu-button.tsx";
import { useBoardView, useWords } from "./board-context.ts";
import styles from "./toolbar.module.css";

export function SelectionMenu() {
  const words = useWords();
  const engine = useBoardView((view) => view.engine);
  const selected = useBoardView((view) => (view.tools?.selected.length ?? 0) > 0);
  if (!engine) return null;
  const entries: MenuEntry[] = selected
    ? [
        { id: "duplicate", label: words("edit.duplicate"), run: () => engine.duplicateSelected() },
        { id: "copy", label: words("edit.copy"), run: () => void engine.copy(false) },
        { id: "cut", label: words("edit.cut"), run: () => void engine.copy(true) },
        { id: "front", label: words("edit.front"), run: () => engine.order("front") },
        { id: "back", label: words("edit.back"), run: () => engine.order("back") },
        { id: "delete", label: words("edit.delete"), danger: true, run: () => engine.deleteSelected() },
      ]
    : [];
  const always: MenuEntry[] = [
    { id: "paste", label: words("edit.paste"), run: () => void engine.paste() },
    { id: "all", label: words("edit.select_all"), run: () => engine.selectAll() },
  ];
  return (
    <MenuButton
      label={words("edit.title")}
      className={styles.tool ?? ""}
      groups={[...(selected ? [{ id: "selected", entries }] : []), { id: "always", entries: always }]}
    >
      <SquareDashedMousePointer size={20} aria-hidden />
      <span className={styles.corner} aria-hidden="true" />
      <span className={styles.tip} aria-hidden="true">
        {words("edit.title")}
      </span>
    </MenuButton>
  );
}
