/** Fails the build when the page grows past what a thin link bears (design budgets, brotli, JS and CSS). */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const JOIN_LIMIT_KB = 150;
const ROOM_LIMIT_KB = 230;
/** Yjs and what keeps pages in step: fetched in the background when the class is up. */
const BOARD_SYNC_LIMIT_KB = 28;
/** Engine, bar, tools, page strip and one language: what the first look at the board waits for. */
const BOARD_STAGE_LIMIT_KB = 48;
/** Both together. */
const BOARD_LIMIT_KB = 76;
/** Dialogs, panels and other formats, each fetched when it is opened: all of them. */
const BOARD_LATER_LIMIT_KB = 13;
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

/** Follows static imports only: what the browser must have before the first screen. A part brings its style sheet. */
function closure(start) {
  const seen = new Set();
  const waiting = [...start];
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (seen.has(name) || !sizes.has(name)) continue;
    seen.add(name);
    waiting.push(...stylesOf(name), ...imports(name, /(?:from|import)\s*["']\.\/([^"']+\.js)["']/g));
  }
  return seen;
}

function imports(name, pattern) {
  return [...sources.get(name).matchAll(pattern)].map((match) => match[1]);
}

/** Named like their script, but for the hash. */
function stylesOf(name) {
  const part = partOf(name);
  return name.endsWith(".js")
    ? [...sizes.keys()].filter((other) => other.endsWith(".css") && partOf(other) === part)
    : [];
}

function partOf(name) {
  return name.replace(/-.{8}\.(js|css)$/, "");
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
const withoutBoard = closure([...join_, ...startsWith(/^(room|live-room)-/)]);
const beyond = (names, ...known) => new Set([...names].filter((name) => !known.some((set) => set.has(name))));
const boardSync = beyond(closure(startsWith(/^open-board-/)), withoutBoard);
const boardStage = beyond(
  closure([...startsWith(/^board-stage-/), ...largest(/^board-language-/)]),
  withoutBoard,
  boardSync,
);
const board = new Set([...boardSync, ...boardStage]);
const opened = [...board].flatMap((name) => imports(name, /import\(\s*[`"']\.\/([^`"']+\.js)[`"']/g));
const boardLater = beyond(closure(opened), withoutBoard, board);
const room = new Set(
  [...sizes.keys()].filter(
    (name) => !board.has(name) && !boardLater.has(name) && (!languages.includes(name) || join_.has(name)),
  ),
);

let failed = false;
for (const [what, names, limit] of [
  ["join page", join_, JOIN_LIMIT_KB],
  ["room", room, ROOM_LIMIT_KB],
  ["whiteboard, in the background", boardSync, BOARD_SYNC_LIMIT_KB],
  ["whiteboard, when first shown", boardStage, BOARD_STAGE_LIMIT_KB],
  ["whiteboard, both", board, BOARD_LIMIT_KB],
  ["whiteboard, parts opened later", boardLater, BOARD_LATER_LIMIT_KB],
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
