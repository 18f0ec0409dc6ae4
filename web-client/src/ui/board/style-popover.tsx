/** Colour, width and what else the tool in hand takes: names for those who hear them, signs for those who see. */
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { useBoardView, useWords } from "./board-context.ts";
import { StyleChoices } from "./opened-later.ts";
import { COLOUR_NAMES, thickness, valueOfColour } from "./style-names.ts";
import styles from "./style-popover.module.css";
import bar from "./toolbar.module.css";

export function StylePopover() {
  const words = useWords();
  const engine = useBoardView((view) => view.engine);
  const tools = useBoardView((view) => view.tools);
  const [snaps, setSnaps] = useState(false);
  if (!engine || !tools) return null;
  const { style } = tools;
  const colour = words(`colour.${COLOUR_NAMES[style.stroke - 1] ?? "black"}`);
  return (
    <DialogTrigger>
      <Button className={bar.tool ?? ""} aria-label={words("style.open", { colour })}>
        <span
          className={styles.now}
          style={
            { "--ink": valueOfColour(style.stroke), "--thick": thickness(style.width) } as React.CSSProperties
          }
        />
        <span className={bar.corner} aria-hidden="true" />
      </Button>
      <Popover className={styles.popover ?? ""} placement="top">
        <Dialog className={styles.dialog ?? ""} aria-label={words("style.open", { colour })}>
          <StyleChoices engine={engine} tools={tools} snaps={snaps} onSnaps={setSnaps} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
