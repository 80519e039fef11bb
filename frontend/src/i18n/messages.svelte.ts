// The catalogue of the chosen language, loaded on its own, and typed access to it.
import type english from "./en.json";

export type MessageKey = keyof typeof english;
export type Language = "en" | "zh-Hans";
export type Catalogue = Readonly<Record<MessageKey, string>>;
type Values = Readonly<Record<string, string | number>>;
type PluralBase<Key> = Key extends `${infer Base}.other` ? Base : never;
export type PluralKey = PluralBase<MessageKey>;

export const LANGUAGES: readonly { code: Language; name: string }[] = [
  { code: "en", name: "English" },
  { code: "zh-Hans", name: "简体中文" },
];

const LOADERS: Record<Language, () => Promise<{ default: Catalogue }>> = {
  en: () => import("./en.json"),
  "zh-Hans": () => import("./zh-Hans.json"),
};

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
  const loaded = await LOADERS[code]();
  showCatalogue(code, loaded.default);
}

export function showCatalogue(code: Language, catalogue: Catalogue): void {
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
