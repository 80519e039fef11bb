import * as icons from "@mdi/js";
import type { Plugin } from "vite";

const IMPORT = /import\s*\{([^}]*)\}\s*from\s*["']@mdi\/js["'];?/g;

/**
 * Put each icon where it is used. The library is one module, which as a whole would come with the first page: with it all
 * icons of all pages.
 */
export function iconsInPlace(): Plugin {
  return {
    name: "hearth:icons-in-place",
    apply: "build",
    enforce: "post",
    transform: {
      filter: { code: "@mdi/js" },
      handler: (code) => ({ code: code.replaceAll(IMPORT, (_, names: string) => constants(names)), map: null }),
    },
  };
}

function constants(names: string): string {
  const parts = names.split(",").map((part) => part.trim());
  return parts.filter(Boolean).map(constant).join("");
}

function constant(part: string): string {
  const [name = "", local = name] = part.split(/\s+as\s+/);
  const path = (icons as Readonly<Record<string, string>>)[name];
  if (path === undefined) throw new Error(`Expected the name of an icon of @mdi/js, got ${name}`);
  return `const ${local} = ${JSON.stringify(path)};`;
}
