/** What new shapes look like before anybody has chosen. */
import type { ToolStyle } from "../board-engine.ts";

export const FIRST_STYLE: ToolStyle = {
  stroke: 1,
  fill: 0,
  width: 6,
  opacity: 255,
  textSize: 28,
  bold: false,
  centred: false,
  dashed: false,
  stamp: 1,
  eraseWhole: false,
};
