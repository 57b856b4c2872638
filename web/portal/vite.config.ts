import { fileURLToPath, URL } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { antdWithoutRuntimeStyles } from "./scripts/antd-without-runtime-styles.ts";
import { themeKey } from "./src/app/theme.ts";

export default defineConfig({
  plugins: [react(), antdWithoutRuntimeStyles(themeKey)],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: process.env.KYSO_WEB_OUT ?? fileURLToPath(new URL("../../build/web/portal", import.meta.url)),
    emptyOutDir: true,
    target: ["chrome111", "edge111", "firefox114", "safari16.4"],
    manifest: true,
    // data: addresses are not allowed for scripts and fonts; files are cached longer.
    assetsInlineLimit: 0,
    // A module's dependencies are fetched at once with it, without inline script.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  worker: { format: "es" },
  server: { port: 5173, proxy: { "/api": "http://127.0.0.1:8080" } },
});
