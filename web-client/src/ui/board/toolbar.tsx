/** The drawing tools: for mouse, touch and keyboard; on a narrow stage they scroll beside colour, undo and redo. */
import {
  ArrowUpRight,
  Circle,
  Eraser,
  Hand,
  Highlighter,
  Lasso,
  Lock,
  type LucideIcon,
  Minus,
  MousePointer2,
  Pen,
  Redo2,
  Shapes,
  Square,
  Stamp,
  StickyNote,
  Type,
  Undo2,
  Wand,
} from "lucide-react";
import { type ReactNode, useRef } from "react";
import { Button } from "react-aria-components/Button";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { Toolbar as AriaToolbar } from "react-aria-components/Toolbar";
import type { ToolName } from "../../whiteboard/board-engine.ts";
import type { Page } from "../../whiteboard/sync/board-vocabulary.ts";
import { classes } from "../kit/classes.ts";
import { MenuButton, type MenuEntry } from "../kit/menu-button.tsx";
import { useBoard, useBoardParts, useBoardView, useWords } from "./board-context.ts";
import { SelectionMenu } from "./selection-menu.tsx";
import { STAMP_NAMES } from "./style-names.ts";
import { StylePopover } from "./style-popover.tsx";
import styles from "./toolbar.module.css";
import { useOverflow } from "./use-overflow.ts";
import { ZoomControls } from "./zoom-controls.tsx";

const icons: Readonly<Record<ToolName, LucideIcon>> = {
  select: MousePointer2,
  lasso: Lasso,
  hand: Hand,
  pen: Pen,
  highlighter: Highlighter,
  line: Minus,
  arrow: ArrowUpRight,
  rectangle: Square,
  ellipse: Circle,
  text: Type,
  note: StickyNote,
  stamp: Stamp,
  eraser: Eraser,
  laser: Wand,
};

const POINTERS = ["select", "lasso", "hand"] as const;
const SHAPE_TOOLS = ["line", "arrow", "rectangle", "ellipse"] as const;

export function Toolbar({ page }: { readonly page: Page }) {
  const words = useWords();
  const engine = useBoardView((view) => view.engine);
  // Between a refusal and the next answer of the server the tools stay: a bar that blinks helps nobody.
  const writes = page.right !== "none";
  const points = useBoard((state) => state.you?.may.has("board_point") ?? false);
  if (!engine) return null;
  return (
    <div className={styles.foot} data-board-tools>
      <AriaToolbar className={styles.bar ?? ""} aria-label={words("tool.toolbar")}>
        {writes ? (
          <>
            <Row>
              <ToolMenu label={words("tool.pointers")} tools={POINTERS} />
              <ToolButton tool="pen" />
              <ToolButton tool="highlighter" />
              <ToolButton tool="eraser" />
              <ToolMenu label={words("tool.shapes")} tools={SHAPE_TOOLS} fallback={Shapes} />
              <ToolButton tool="text" />
              <ToolButton tool="note" />
              <StampMenu />
              {points && <ToolButton tool="laser" />}
              <SelectionMenu />
            </Row>
            <span className={styles.rule} aria-hidden="true" />
            <div className={styles.always}>
              <StylePopover />
              <History />
            </div>
          </>
        ) : (
          <>
            <ToolButton tool="hand" />
            <ToolButton tool="select" />
            {points && <ToolButton tool="laser" />}
            <LockedWords page={page} />
          </>
        )}
      </AriaToolbar>
      <ZoomControls />
    </div>
  );
}

/** Where the tools do not fit they scroll; a shade says that more follow. Colour, undo and redo stand beside them. */
function Row({ children }: { readonly children: ReactNode }) {
  const row = useRef<HTMLDivElement>(null);
  const { before, behind } = useOverflow(row);
  return (
    <div className={styles.tools} data-before={before} data-behind={behind}>
      <div ref={row} className={styles.row}>
        {children}
      </div>
    </div>
  );
}

function ToolButton({ tool }: { readonly tool: ToolName }) {
  const words = useWords();
  const engine = useBoardView((view) => view.engine);
  const active = useBoardView((view) => view.tools?.tool === tool);
  const Icon = icons[tool];
  const name = words(`tool.${tool}`);
  return (
    <ToggleButton
      className={styles.tool ?? ""}
      aria-label={name}
      isSelected={active}
      onChange={() => engine?.setTool(tool)}
    >
      <Icon size={20} aria-hidden />
      <Tip>{name}</Tip>
    </ToggleButton>
  );
}

/** Seen with the mouse; the button's name says it to everybody else. */
function Tip({ children }: { readonly children: ReactNode }) {
  return (
    <span className={styles.tip} aria-hidden="true">
      {children}
    </span>
  );
}

interface ToolMenuProps {
  readonly label: string;
  readonly tools: readonly ToolName[];
  /** Shown while none of them is in hand. */
  readonly fallback?: LucideIcon;
}

function ToolMenu({ label, tools, fallback }: ToolMenuProps) {
  const words = useWords();
  const engine = useBoardView((view) => view.engine);
  const tool = useBoardView((view) => view.tools?.tool);
  const active = tool !== undefined && tools.includes(tool) ? tool : null;
  const first = tools[0] ?? "select";
  const Icon = active ? icons[active] : (fallback ?? icons[first]);
  const entries: MenuEntry[] = tools.map((one) => {
    const Sign = icons[one];
    return {
      id: one,
      label: words(`tool.${one}`),
      icon: <Sign size={18} aria-hidden />,
      run: () => engine?.setTool(one),
    };
  });
  const shape = active && active !== "select" && active !== "lasso" && active !== "hand" ? active : null;
  const groups = [
    { id: "tools", title: label, selected: active, entries },
    ...(shape
      ? [
          {
            id: "insert",
            entries: [{ id: "put", label: words("tool.insert"), run: () => engine?.create(shape) }],
          },
        ]
      : []),
  ];
  return (
    <MenuButton
      label={active ? `${label}: ${words(`tool.${active}`)}` : label}
      className={classes(styles.tool, active && styles.active)}
      groups={groups}
    >
      <Icon size={20} aria-hidden />
      <span className={styles.corner} aria-hidden="true" />
      <Tip>{label}</Tip>
    </MenuButton>
  );
}

function StampMenu() {
  const words = useWords();
  const engine = useBoardView((view) => view.engine);
  const active = useBoardView((view) => view.tools?.tool === "stamp");
  const kind = useBoardView((view) => view.tools?.style.stamp ?? 1);
  return (
    <MenuButton
      label={words("tool.stamp")}
      className={classes(styles.tool, active && styles.active)}
      groups={[
        {
          id: "stamps",
          title: words("tool.stamp"),
          selected: active ? `stamp-${kind}` : null,
          entries: STAMP_NAMES.map((name, index) => ({
            id: `stamp-${index + 1}`,
            label: words(`stamp.${name}`),
            run: () => {
              engine?.setStyle({ stamp: index + 1 });
              engine?.setTool("stamp");
            },
          })),
        },
        ...(active
          ? [
              {
                id: "insert",
                entries: [{ id: "put", label: words("tool.insert"), run: () => engine?.create("stamp") }],
              },
            ]
          : []),
      ]}
    >
      <Stamp size={20} aria-hidden />
      <span className={styles.corner} aria-hidden="true" />
      <Tip>{words("tool.stamp")}</Tip>
    </MenuButton>
  );
}

function History() {
  const words = useWords();
  const engine = useBoardView((view) => view.engine);
  const canUndo = useBoardView((view) => view.tools?.canUndo ?? false);
  const canRedo = useBoardView((view) => view.tools?.canRedo ?? false);
  return (
    <>
      <Button
        className={styles.tool ?? ""}
        aria-label={words("tool.undo")}
        isDisabled={!canUndo}
        onPress={() => engine?.undo()}
      >
        <Undo2 size={20} aria-hidden />
        <Tip>{words("tool.undo")}</Tip>
      </Button>
      <Button
        className={styles.tool ?? ""}
        aria-label={words("tool.redo")}
        isDisabled={!canRedo}
        onPress={() => engine?.redo()}
      >
        <Redo2 size={20} aria-hidden />
        <Tip>{words("tool.redo")}</Tip>
      </Button>
    </>
  );
}

function LockedWords({ page }: { readonly page: Page }) {
  const { words } = useBoardParts();
  const writes = useBoard((state) => state.you?.may.has("board_write") ?? false);
  const key = page.mode === "locked" ? "state.locked" : writes ? "state.tutors" : "state.read_only";
  return (
    <p className={styles.locked}>
      <Lock size={16} aria-hidden />
      {words(key)}
    </p>
  );
}
