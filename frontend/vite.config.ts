import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

import { compressed } from "./tools/compressed.ts";
import { firstLoadBudget } from "./tools/first_load.ts";
import { iconsInPlace } from "./tools/icons.ts";

const hub = process.env["HEARTH_URL"] ?? "http://localhost:8123";

/** Home comes as one piece; what other pages share comes in a few, none of them tiny. */
const CHUNKS = [
  { name: "home", tags: ["$initial" as const], priority: 1 },
  { name: "shared", minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 12_000 },
];

/** A shared piece is named after all that share it. */
function shortened(name: string): string {
  return name.replace(/\.\w+$/, "").replace(/~.*/, "");
}

export default defineConfig({
  plugins: [svelte(), svelteTesting(), iconsInPlace(), firstLoadBudget(), compressed()],
  build: {
    outDir: "../hub/server/static",
    emptyOutDir: true,
    assetsDir: "assets",
    assetsInlineLimit: 0,
    target: ["chrome123", "firefox120", "safari17.5"],
    cssMinify: "lightningcss",
    rolldownOptions: {
      output: {
        codeSplitting: { groups: CHUNKS },
        chunkFileNames: ({ name }) => `assets/${shortened(name)}-[hash].js`,
        assetFileNames: ({ names }) => `assets/${shortened(names[0] ?? "")}-[hash][extname]`,
      },
    },
    license: { fileName: "licenses.md" },
  },
  server: { proxy: { "/api": { target: hub, ws: true }, "/auth": hub } },
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 60_000, // for what hangs: a slow machine is no failure
    environment: "happy-dom",
    restoreMocks: true,
    sequence: { shuffle: true },
  },
});
