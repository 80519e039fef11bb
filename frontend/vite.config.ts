import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

import { compressed } from "./tools/compressed.ts";
import { firstLoadBudget } from "./tools/first_load.ts";

const hub = process.env["HEARTH_URL"] ?? "http://localhost:8123";

export default defineConfig({
  plugins: [svelte(), svelteTesting(), firstLoadBudget(), compressed()],
  build: {
    outDir: "../hub/server/static",
    emptyOutDir: true,
    assetsDir: "assets",
    assetsInlineLimit: 0,
    target: ["chrome123", "firefox120", "safari17.5"],
    cssMinify: "lightningcss",
    license: { fileName: "licenses.md" },
  },
  server: { proxy: { "/api": { target: hub, ws: true }, "/auth": hub } },
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "happy-dom",
    restoreMocks: true,
    sequence: { shuffle: true },
  },
});
