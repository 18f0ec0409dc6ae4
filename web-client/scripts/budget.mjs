/** Fails the build when the page grows past what a thin link bears (design budgets, brotli, JS and CSS). */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const JOIN_LIMIT_KB = 150;
const ROOM_LIMIT_KB = 230;
const BOARD_LIMIT_KB = 60;
const BOARD_SYNC_LIMIT_KB = 32;
const root = new URL("../../server/static/", import.meta.url).pathname;
const assets = join(root, "assets");

const sizes = new Map();
const sources = new Map();
for (const name of readdirSync(assets)) {
  if (!/\.(js|css)$/.test(name)) continue;
  const content = readFileSync(join(assets, name));
  sizes.set(name, brotliCompressSync(content).length);
  sources.set(name, content.toString());
}

/** Follows static imports only: what the browser must have before the first screen. */
function closure(start) {
  const seen = new Set();
  const waiting = [...start];
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (seen.has(name) || !sizes.has(name)) continue;
    seen.add(name);
    for (const match of sources.get(name).matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
      waiting.push(match[1]);
  }
  return seen;
}

/** Only one language is ever loaded, so of these chunks only the largest counts. */
function largest(pattern) {
  const found = [...sizes.keys()].filter((name) => pattern.test(name));
  return found.sort((a, b) => sizes.get(b) - sizes.get(a)).slice(0, 1);
}
const languages = [...sizes.keys()].filter((name) => /^(board-)?language-/.test(name));
const page = readFileSync(join(root, "index.html"), "utf8");
const entry = [...page.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)].map((match) => basename(match[1]));
const startsWith = (pattern) => [...sizes.keys()].filter((name) => pattern.test(name));
const join_ = closure([...entry, ...largest(/^language-/)]);
/** The whiteboard's documents, fetched in the background when the class is up (Yjs is the most of it). */
const withoutBoard = closure([...join_, ...startsWith(/^(room|live-room)-/)]);
const beyond = (names, known) => new Set([...names].filter((name) => !known.has(name)));
const boardSync = beyond(closure(startsWith(/^open-board-/)), withoutBoard);
/** Its engine, screens and words, fetched when it is first shown. */
const boardStage = beyond(
  closure([...startsWith(/^board-stage-/), ...largest(/^board-language-/)]),
  new Set([...withoutBoard, ...boardSync]),
);
/** Excalidraw's files are read and written by few: fetched when something is copied, imported or exported. */
const board = new Set([...boardSync, ...boardStage, ...startsWith(/^excalidraw-/)]);
const room = new Set(
  [...sizes.keys()].filter((name) => !board.has(name) && (!languages.includes(name) || join_.has(name))),
);

let failed = false;
for (const [what, names, limit] of [
  ["join page", join_, JOIN_LIMIT_KB],
  ["room", room, ROOM_LIMIT_KB],
  ["whiteboard, in the background", boardSync, BOARD_SYNC_LIMIT_KB],
  ["whiteboard, when first shown", boardStage, BOARD_LIMIT_KB],
]) {
  const kb = [...names].reduce((sum, name) => sum + sizes.get(name), 0) / 1000;
  console.log(`${what}: ${kb.toFixed(1)} kB of ${limit} kB (${names.size} files)`);
  if (kb > limit) failed = true;
  if (names.size === 0) failed = true;
}
if (failed) {
  console.error("The bundle is over its budget: load less before the first screen, or drop a dependency.");
  process.exit(1);
}
