/** Builds the page into ../server/static, and the screen gallery (development only) outside of it. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const server = "http://127.0.0.1:8080";

/** React Aria carries its own words in thirty languages; the page speaks four. */
const spoken = /\/(en|es|fr|nl)-[A-Z]{2}\./;
const onlySpokenLanguages: Plugin = {
  name: "only-spoken-languages",
  enforce: "pre",
  load(id) {
    const isDictionary = /react-aria.*\/intl\/.*\/[a-z]{2}-[A-Z]{2}\.m?js/.test(id);
    return isDictionary && !spoken.test(id)
      ? `export { default } from "./en-US.${id.split(".").at(-1)}";`
      : null;
  },
};

/**
 * Of Yjs, what a page is made of: one root map of binary values (docs/protocol.md section 3.2). The server lets
 * nothing else in; a document with texts or XML in it is refused here, too, as an update that cannot be read.
 */
const refused = "() => { throw new Error('not a shape') }";
const slimmer: readonly (readonly [RegExp, string])[] = [
  [/const typeRefs = \[[^\]]*\]/, "const typeRefs = []"],
  [
    / {2}read(?:ContentJSON|ContentString|ContentEmbed|ContentFormat|ContentType|ContentAny|ContentDoc), /g,
    `  ${refused}, `,
  ],
  [/(getArray|getText|getXmlElement|getXmlFragment) \(name = ''\) \{\n.*\n {2}\}/g, "$1 () {}"],
  [/content = new Content(?:Any|Doc)\(.*\);/g, "throw new Error('not a shape');"],
  [/content = new ContentType\(.*\);/, "throw new Error('not a shape');"],
  [/if \(transaction\._needFormattingCleanup\) \{\n.*\n {10}\}/, ""],
  // What is pending is kept in memory alone: it needs no second format.
  [
    /(?<=(?:new |= |, ))(Update(?:En|De)coder|DS(?:En|De)coder)V2\b(?=[(,)])(?!.*typeMapGetSnapshot)/g,
    "$1V1",
  ],
  // Coloured logs bring a schema library along.
  [
    /import \* as logging from 'lib0\/logging';/,
    "const logging = { print () {}, warn: (text) => console.warn(text) };",
  ],
  [/env\.getVariable\('node_env'\) === 'development'/, "false"],
];
const onlyShapes: Plugin = {
  name: "only-shapes-of-yjs",
  enforce: "pre",
  transform(code, id) {
    if (!/\/yjs\/dist\/yjs\.mjs$/.test(id)) return null;
    return slimmer.reduce((before, [pattern, replacement]) => {
      const after = before.replace(pattern, replacement);
      if (after === before) this.error(`yjs has changed: ${pattern} is not in it any more`);
      return after;
    }, code);
  },
};

/** The reasons in the files that the server's painter shares are for who reads them; the page takes their numbers. */
const onlyNumbers: Plugin = {
  name: "only-numbers-of-layouts",
  enforce: "pre",
  transform(code, id) {
    if (!/\/whiteboard\/(?:\w+\/)?(?:layout|stamps|fonts|palette)\.json$/.test(id)) return null;
    const unread = new Set(["about", "dark", ...(id.endsWith("stamps.json") ? ["name"] : [])]);
    return JSON.stringify(JSON.parse(code, (key, value) => (unread.has(key) ? undefined : value)));
  },
};

/** What the first screen needs stays in one piece: cut up for the sake of later chunks it would compress worse. */
let first: Set<string> | null = null;
function ofFirstScreen(id: string, context: ChunkContext): string | null {
  first ??= staticImports(context);
  // The icons' index names all of them; each belongs to who draws it.
  return first.has(id) && !id.includes("/lucide-react/") ? "first" : null;
}

interface ChunkContext {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

function staticImports(context: ChunkContext): Set<string> {
  const found = new Set<string>();
  const waiting = [fileURLToPath(new URL("src/main.tsx", import.meta.url))];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...(context.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}

export default defineConfig(({ mode }) => ({
  plugins: [onlySpokenLanguages, onlyShapes, onlyNumbers, react()],
  // A page that is framed by a platform lives at /join, its assets always at /assets.
  base: "/",
  build: {
    outDir: mode === "gallery" ? "../build/gallery" : "../server/static",
    emptyOutDir: true,
    target: ["chrome111", "firefox113", "safari16.4"],
    // The page's CSP allows no data: address, so nothing is ever inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    rolldownOptions: {
      input: mode === "gallery" ? "gallery.html" : "index.html",
      output: { codeSplitting: { groups: [{ name: ofFirstScreen, debugName: "first" }] } },
    },
  },
  server: {
    proxy: {
      "/api": server,
      "/socket.io": { target: server, ws: true },
      "/ws": { target: server, ws: true },
    },
  },
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx", "tests/**/*.test.ts"],
    environment: "node",
    // The tests run the Yjs that is shipped.
    server: { deps: { inline: ["yjs"] } },
    restoreMocks: true,
  },
}));
