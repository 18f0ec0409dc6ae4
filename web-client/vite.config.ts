/** Builds the page into ../server/static, and the screen gallery (development only) outside of it. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = "http://127.0.0.1:8080";

export default defineConfig(({ mode }) => ({
  plugins: [react()],
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
