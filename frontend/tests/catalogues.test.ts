import { parse } from "svelte/compiler";
import { describe, expect, test } from "vitest";

import homeEnglish from "../src/i18n/home/en.json";
import homeChinese from "../src/i18n/home/zh-Hans.json";
import pagesEnglish from "../src/i18n/pages/en.json";
import pagesChinese from "../src/i18n/pages/zh-Hans.json";
import { detectedLanguage, fill } from "../src/i18n/messages.svelte";

const COMPONENTS = import.meta.glob<string>("../src/**/*.svelte", { query: "?raw", import: "default", eager: true });
const MODULES = import.meta.glob<string>("../src/**/*.ts", { query: "?raw", import: "default", eager: true });
const SOURCES = { ...COMPONENTS, ...MODULES };

const english = { ...homeEnglish, ...pagesEnglish };
const chinese = { ...homeChinese, ...pagesChinese };

/** What is the same in every language: names, units, marks. */
const UNTRANSLATED = new Set(["Hearth", "HomeAssistant", "CSV", "YAML", "MB", "/"]);

function placeholders(message: string): string[] {
  return [...message.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort();
}

describe("the catalogues", () => {
  test("have the same keys in the same order", () => {
    expect(Object.keys(chinese)).toEqual(Object.keys(english));
  });

  test("have the same placeholders, and nothing empty", () => {
    for (const [key, message] of Object.entries(english)) {
      const translated = (chinese as Record<string, string>)[key] ?? "";
      expect(placeholders(translated), key).toEqual(placeholders(message));
      expect(translated.trim(), key).not.toBe("");
    }
  });

  test("differ: Chinese is not a copy of English", () => {
    const same = Object.entries(english).filter(
      ([key, message]) => (chinese as Record<string, string>)[key] === message,
    );
    expect(same.filter(([, message]) => /[a-z]{3}/i.test(message.replaceAll(/\{\w+\}/g, "")))).toEqual([]);
  });

  test("hold both forms of what is counted", () => {
    const one = Object.keys(english).filter((key) => key.endsWith(".one"));
    for (const key of one) expect(english).toHaveProperty([key.replace(/\.one$/, ".other")]);
  });

  test("hold nothing that is never said", () => {
    const all = Object.values(SOURCES).join("\n");
    expect(Object.keys(english).filter((key) => !isSaid(key, all))).toEqual([]);
  });

  test("come in two parts, and what Home says is in the first", () => {
    const first = sourcesFrom("../src/main.ts");
    expect(Object.keys(homeEnglish).filter((key) => !isSaid(key, first))).toEqual([]);
    const said = [...first.matchAll(/\b(?:t|plural)\(\s*"([\w.]+)"/g)].map(([, key]) => key ?? "");
    const later = new Set(Object.keys(pagesEnglish).map((key) => key.replace(/\.(one|other)$/, "")));
    expect(said.filter((key) => later.has(key))).toEqual([]);
    expect(Object.keys(homeEnglish).filter((key) => key in pagesEnglish)).toEqual([]);
  });
});

/** Whether a source has the key, or a beginning of it that is completed with data. */
function isSaid(key: string, source: string): boolean {
  const base = key.replace(/\.(one|other)$/, "");
  const beginnings = [/`([\w.]+\.)\$\{/g, /"([\w.]+\.)"/g].flatMap((form) => [...source.matchAll(form)]);
  const words = [...source.matchAll(/\bwords="(\w+)"/g)].map(([, name]) => `${name}.`);
  return (
    source.includes(`"${base}"`) ||
    [...beginnings.map(([, beginning]) => beginning ?? ""), ...words].some((beginning) => key.startsWith(beginning))
  );
}

/** The text of a module and of all that it imports at once, which is what is loaded first. */
function sourcesFrom(entry: string): string {
  const seen = new Map<string, string>();
  const add = (path: string): void => {
    const source = SOURCES[path];
    if (source === undefined || seen.has(path)) return;
    seen.set(path, source);
    for (const [, name] of source.matchAll(/^\s*(?:import|export)\s(?!type\b)(?:[^;"]*?\sfrom\s)?"(\.[^"]+)"/gm)) {
      const target = new URL(name ?? "", `file:///tests/${path}`).pathname.replace("/src/", "../src/");
      for (const end of ["", ".ts"]) add(target + end);
    }
  };
  add(entry);
  return [...seen.values()].join("\n");
}

describe("the components", () => {
  test.each(Object.entries(COMPONENTS))("%s holds no words of its own", (_, source) => {
    const { fragment } = parse(source, { modern: true });
    expect(wordsIn(fragment)).toEqual([]);
  });

  test("never render text as markup", () => {
    for (const [path, source] of Object.entries(SOURCES)) {
      expect(source, path).not.toMatch(/\{@html|\.innerHTML|insertAdjacentHTML|document\.write/);
    }
  });
});

const SPOKEN_ATTRIBUTES = new Set(["aria-label", "title", "placeholder", "alt"]);

interface Node {
  type: string;
  name?: string;
  data?: string;
  value?: unknown;
  [key: string]: unknown;
}

/** Literal text in elements and in attributes that are read out. */
function wordsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(wordsIn);
  if (typeof node !== "object" || node === null) return [];
  const { type, name, data, ...rest } = node as Node;
  if (type === "Text") return said(data ?? "");
  if (type === "Attribute") return SPOKEN_ATTRIBUTES.has(name ?? "") ? wordsIn(rest.value) : [];
  if (type === "Script" || type === "StyleSheet" || type === "StyleDirective" || type === "ExpressionTag") return [];
  return Object.values(rest).flatMap(wordsIn);
}

function said(text: string): string[] {
  const words = text.replaceAll(/&\w+;/g, " ").trim();
  return /\p{L}/u.test(words) && !UNTRANSLATED.has(words.replaceAll(/[·\s]+/g, "")) ? [words] : [];
}

test("the language is the first that the browser and Hearth both know", () => {
  expect(detectedLanguage(["fr-FR", "zh-TW", "en-GB"])).toBe("zh-Hans");
  expect(detectedLanguage(["en-GB", "zh-CN"])).toBe("en");
  expect(detectedLanguage(["fr-FR"])).toBe("en");
});

test("a placeholder without a value stays to be seen", () => {
  expect(fill("{a} and {b}", { a: 1 })).toBe("1 and {b}");
});
