/** What is not on the screen when the board is first shown: each a chunk of its own. */
import { later } from "./later.tsx";

export const BoardDialogs = later(async () => (await import("./board-dialogs.tsx")).BoardDialogs);
export const CopiesWall = later(async () => (await import("./copies-wall.tsx")).CopiesWall);
export const GhostsPanel = later(async () => (await import("./ghosts-panel.tsx")).GhostsPanel);
export const ShapesPanel = later(async () => (await import("./shapes-panel.tsx")).ShapesPanel);
export const StyleChoices = later(async () => (await import("./style-choices.tsx")).StyleChoices);
export const UploadsList = later(async () => (await import("./uploads-list.tsx")).UploadsList);

/** The next thing that most people open comes first. */
const PARTS = [StyleChoices, BoardDialogs, ShapesPanel, UploadsList, GhostsPanel, CopiesWall];
const AFTER_MS = 3_000;

/** One after another, once the board stands. Returns how to stop it. */
export function fetchParts(linkIsGood: () => boolean): () => void {
  let current = true;
  const all = async () => {
    for (const part of PARTS) if (current && linkIsGood()) await part.fetch();
  };
  const timer = setTimeout(() => void all(), AFTER_MS);
  return () => {
    current = false;
    clearTimeout(timer);
  };
}
