/** Builds the page into ../server/static, and the screen gallery (development only) outside of it. */
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

export default defineConfig(({ mode }) => ({
  plugins: [onlySpokenLanguages, react()],
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
    rollupOptions: { input: mode === "gallery" ? "gallery.html" : "index.html" },
  },
  server: {
    proxy: {
      "/api": server,
      "/socket.io": { target: server, ws: true },
    },
  },
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx", "tests/**/*.test.ts"],
    environment: "node",
    restoreMocks: true,
  },
}));
