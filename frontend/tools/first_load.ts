import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

/** What Home needs before it can show the first entity, and what that may cost. */
const MODULES = ["index.html", "src/i18n/home/zh-Hans.json"];
const MOST_BYTES = 70_000;
const MOST_REQUESTS = 8;

/** Fail the build when the first load of Home outgrows its budget. */
export function firstLoadBudget(): Plugin {
  return {
    name: "hearth:first-load-budget",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const files = firstLoad(bundle);
        const bytes = files.reduce((sum, name) => sum + weight(bundle[name]), 0);
        const spent = `${files.length} requests, ${bytes} bytes gzip`;
        if (bytes > MOST_BYTES || files.length > MOST_REQUESTS) {
          this.error(
            `Expected a first load of at most ${MOST_REQUESTS} requests and ${MOST_BYTES} bytes gzip, got ${spent}: ` +
              `${files.join(", ")}. Move what Home does not need behind a lazy route.`,
          );
        }
        this.info(`first load: ${spent}`);
      },
    },
  };
}

function firstLoad(bundle: Rolldown.OutputBundle): string[] {
  const found = new Set<string>(["index.html", "theme.js"]);
  for (const file of Object.values(bundle)) {
    const source = file.type === "chunk" ? (file.facadeModuleId ?? "") : "";
    if (MODULES.some((module) => source.endsWith(module))) addWithImports(file.fileName, bundle, found);
  }
  return [...found];
}

function addWithImports(name: string, bundle: Rolldown.OutputBundle, found: Set<string>): void {
  const file = bundle[name];
  if (file === undefined || found.has(name)) return;
  found.add(name);
  if (file.type !== "chunk") return;
  for (const css of file.viteMetadata?.importedCss ?? []) found.add(css);
  for (const imported of file.imports) addWithImports(imported, bundle, found);
}

function weight(file: Rolldown.OutputAsset | Rolldown.OutputChunk | undefined): number {
  if (file === undefined) return 0;
  return gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 }).length;
}
