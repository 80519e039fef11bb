import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Plugin } from "vite";

const deflate = promisify(gzip);
const TEXT = new Set([".html", ".js", ".css", ".svg", ".json", ".webmanifest"]);

/** Write a .gz beside each text file, so that the hub sends it as it lies there. */
export function compressed(): Plugin {
  let folder = "";
  return {
    name: "hearth:compressed",
    apply: "build",
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: async () => {
      for (const file of await textFiles(folder)) {
        await writeFile(`${file}.gz`, await deflate(await readFile(file), { level: 9 }));
      }
    },
  };
}

export async function textFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && TEXT.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
