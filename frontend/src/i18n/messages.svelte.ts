// The catalogue of the chosen language, loaded on its own, and typed access to it. What Home says comes first,
// the words of the other pages follow.
import type homeWords from "./home/en.json";
import type pageWords from "./pages/en.json";

export type MessageKey = keyof typeof homeWords | keyof typeof pageWords;
export type Language = "en" | "zh-Hans";
export type Catalogue = Readonly<Record<MessageKey, string>>;
type Values = Readonly<Record<string, string | number>>;
type PluralBase<Key> = Key extends `${infer Base}.other` ? Base : never;
export type PluralKey = PluralBase<MessageKey>;

export const LANGUAGES: readonly { code: Language; name: string }[] = [
  { code: "en", name: "English" },
  { code: "zh-Hans", name: "简体中文" },
];

type Part = () => Promise<{ default: Partial<Catalogue> }>;

const LOADERS: Record<Language, Readonly<Record<"home" | "pages", Part>>> = {
  en: { home: () => import("./home/en.json"), pages: () => import("./pages/en.json") },
  "zh-Hans": { home: () => import("./home/zh-Hans.json"), pages: () => import("./pages/zh-Hans.json") },
};

/** Whether the words of all pages are wanted, not only those of Home. */
let whole = false;
let shown = $state.raw<{ language: Language; catalogue: Partial<Catalogue> }>({ language: "en", catalogue: {} });

/** The language of the interface, as a BCP 47 tag. */
export function language(): Language {
  return shown.language;
}

/** The tag to format by: the browser's own variety of the language, so that "en" may mean the 24-hour clock of en-GB. */
export function locale(): string {
  const base = shown.language.slice(0, 2);
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(base)) ?? shown.language;
}

/** Load a language and show everything in it. */
export async function setLanguage(code: Language): Promise<void> {
  const { home, pages } = LOADERS[code];
  const parts = await Promise.all(whole ? [home(), pages()] : [home()]);
  showCatalogue(code, Object.assign({}, ...parts.map((part) => part.default)) as Partial<Catalogue>);
}

/** Load the words of the pages that are not Home, once. */
export async function loadAllWords(): Promise<void> {
  if (whole) return;
  const code = shown.language;
  const { default: words } = await LOADERS[code].pages();
  if (code !== shown.language) return loadAllWords();
  whole = true;
  showCatalogue(code, { ...shown.catalogue, ...words });
}

/** Wait for a page, or another part that Home does not need, and for its words. */
export async function withWords<Loaded>(loading: Promise<Loaded>): Promise<Loaded> {
  const [loaded] = await Promise.all([loading, loadAllWords()]);
  return loaded;
}

export function showCatalogue(code: Language, catalogue: Partial<Catalogue>): void {
  shown = { language: code, catalogue };
  document.documentElement.lang = code;
}

/** The message with its {placeholders} filled in. */
export function t(key: MessageKey, values?: Values): string {
  return fill(shown.catalogue[key] ?? key, values);
}

/** The form of a message that fits the number n, which is also its {n}. */
export function plural(base: PluralKey, n: number, values?: Values): string {
  const form = new Intl.PluralRules(shown.language).select(n) === "one" ? "one" : "other";
  return t(`${base}.${form}` as MessageKey, { n, ...values });
}

/** A message whose key is made from data (a device class, a status), or undefined if there is none. */
export function word(key: string): string | undefined {
  return (shown.catalogue as Record<string, string | undefined>)[key];
}

export function detectedLanguage(preferred: readonly string[] = navigator.languages): Language {
  const first = preferred.find((tag) => /^(zh|en)\b/i.test(tag)) ?? "en";
  return first.toLowerCase().startsWith("zh") ? "zh-Hans" : "en";
}

export function fill(message: string, values: Values = {}): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
