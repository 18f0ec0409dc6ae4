/** What the tool in hand takes, by its names and signs: the inside of the style's popover. */
import type { ReactNode } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { ToggleButtonGroup } from "react-aria-components/ToggleButtonGroup";
import type { BoardEngine, ToolStyle, BoardState as Tools } from "../../whiteboard/board-engine.ts";
import { useWords } from "./board-context.ts";
import { COLOUR_NAMES, TEXT_SIZES, thickness, valueOfColour, WIDTHS } from "./style-names.ts";
import styles from "./style-popover.module.css";

export interface StyleChoicesProps {
  readonly engine: BoardEngine;
  readonly tools: Tools;
  readonly snaps: boolean;
  readonly onSnaps: (on: boolean) => void;
}

export function StyleChoices({ engine, tools, snaps, onSnaps }: StyleChoicesProps) {
  const words = useWords();
  const { style } = tools;
  const set = (change: Partial<ToolStyle>) => engine.setStyle(change);
  return (
    <>
      <Swatches label={words("style.colour")} value={style.stroke} onChoose={(stroke) => set({ stroke })} />
      {takes(tools, "fill") && (
        <Swatches label={words("style.fill")} value={style.fill} onChoose={(fill) => set({ fill })} none />
      )}
      {takes(tools, "width") && (
        <Choice label={words("style.width")} value={style.width} onChoose={(width) => set({ width })}>
          {WIDTHS.map(({ name, value }) => ({
            value,
            name: words(`style.width_${name}`),
            sign: (
              <span className={styles.line} style={{ "--thick": thickness(value) } as React.CSSProperties} />
            ),
          }))}
        </Choice>
      )}
      {takes(tools, "text") && (
        <Choice
          label={words("style.text_size")}
          value={style.textSize}
          onChoose={(textSize) => set({ textSize })}
        >
          {TEXT_SIZES.map(({ name, value }, index) => ({
            value,
            name: words(`style.size_${name}`),
            sign: <span style={{ fontSize: 13 + index * 4 }}>{"A"}</span>,
          }))}
        </Choice>
      )}
      <div className={styles.switches}>
        <Toggle
          label={words("style.opacity")}
          on={style.opacity < 255}
          set={(on) => set({ opacity: on ? 128 : 255 })}
        />
        {takes(tools, "dash") && (
          <Toggle label={words("style.dashed")} on={style.dashed} set={(dashed) => set({ dashed })} />
        )}
        {takes(tools, "text") && (
          <>
            <Toggle label={words("style.bold")} on={style.bold} set={(bold) => set({ bold })} />
            <Toggle label={words("style.centred")} on={style.centred} set={(centred) => set({ centred })} />
          </>
        )}
        {tools.tool === "eraser" && (
          <Toggle
            label={words("style.erase_whole")}
            on={style.eraseWhole}
            set={(eraseWhole) => set({ eraseWhole })}
          />
        )}
        <Toggle
          label={words("edit.snap")}
          on={snaps}
          set={(on) => {
            engine.setGrid(on);
            onSnaps(on);
          }}
        />
      </div>
    </>
  );
}

type Part = "fill" | "width" | "dash" | "text";

/** With shapes selected everything is offered: each takes what it knows. */
function takes({ tool, selected }: Tools, part: Part): boolean {
  if (selected.length > 0) return true;
  switch (part) {
    case "fill":
      return tool === "rectangle" || tool === "ellipse" || tool === "note";
    case "width":
      return tool !== "text" && tool !== "note" && tool !== "stamp" && tool !== "laser";
    case "dash":
      return tool === "line" || tool === "arrow" || tool === "rectangle" || tool === "ellipse";
    case "text":
      return tool === "text" || tool === "note";
  }
}

interface SwatchesProps {
  readonly label: string;
  readonly value: number;
  readonly onChoose: (index: number) => void;
  /** Offers "none", too. */
  readonly none?: boolean;
}

function Swatches({ label, value, onChoose, none = false }: SwatchesProps) {
  const words = useWords();
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{label}</legend>
      <ToggleButtonGroup
        className={styles.swatches ?? ""}
        aria-label={label}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[String(value)]}
        onSelectionChange={(keys) => {
          for (const key of keys) onChoose(Number(key));
        }}
      >
        {none && (
          <ToggleButton id="0" className={styles.swatch ?? ""} aria-label={words("style.no_fill")}>
            <span className={styles.nothing} />
          </ToggleButton>
        )}
        {COLOUR_NAMES.map((name, index) => (
          <ToggleButton
            key={name}
            id={String(index + 1)}
            className={styles.swatch ?? ""}
            aria-label={words(`colour.${name}`)}
          >
            <span
              className={styles.paint}
              style={{ "--ink": valueOfColour(index + 1) } as React.CSSProperties}
            />
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </fieldset>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: number;
  readonly onChoose: (value: number) => void;
  readonly children: readonly { readonly value: number; readonly name: string; readonly sign: ReactNode }[];
}

function Choice({ label, value, onChoose, children }: ChoiceProps) {
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{label}</legend>
      <ToggleButtonGroup
        className={styles.choices ?? ""}
        aria-label={label}
        selectionMode="single"
        selectedKeys={[String(value)]}
        onSelectionChange={(keys) => {
          for (const key of keys) onChoose(Number(key));
        }}
      >
        {children.map((one) => (
          <ToggleButton
            key={one.value}
            id={String(one.value)}
            className={styles.choice ?? ""}
            aria-label={one.name}
          >
            {one.sign}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </fieldset>
  );
}

interface ToggleProps {
  readonly label: string;
  readonly on: boolean;
  readonly set: (on: boolean) => void;
}

function Toggle({ label, on, set }: ToggleProps) {
  return (
    <ToggleButton className={styles.toggle ?? ""} isSelected={on} onChange={set}>
      {label}
    </ToggleButton>
  );
}
