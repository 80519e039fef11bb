// Numbers, dates and spans of time, in the language of the interface.
import { locale } from "./messages.svelte";

const formatters = new Map<string, unknown>();

/** One Intl formatter per language and options: making them is slow. */
function cached<T>(kind: string, options: object, make: (tag: string) => T): T {
  const tag = locale();
  const key = `${kind}|${tag}|${JSON.stringify(options)}`;
  const found = formatters.get(key) ?? make(tag);
  formatters.set(key, found);
  return found as T;
}

export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  return cached("number", options, (tag) => new Intl.NumberFormat(tag, options)).format(value);
}

/** A number given as text, with as many decimals as its text has, at most two. */
export function measured(text: string): string {
  const value = Number(text);
  const decimals = Math.min(text.split(".")[1]?.length ?? 0, 2);
  return number(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

export function percent(share: number): string {
  return number(share, { style: "percent", maximumFractionDigits: 0 });
}

export function date(at: Date, options: Intl.DateTimeFormatOptions): string {
  return cached("date", options, (tag) => new Intl.DateTimeFormat(tag, options)).format(at);
}

export function dateAndTime(epochSeconds: number, timeStyle: "medium" | "short" = "medium"): string {
  return date(new Date(epochSeconds * 1000), { dateStyle: "medium", timeStyle });
}

export function clock(epochSeconds: number, withSeconds = true): string {
  return date(new Date(epochSeconds * 1000), { timeStyle: withSeconds ? "medium" : "short" });
}

export function dayAndClock(epochSeconds: number): string {
  return date(new Date(epochSeconds * 1000), { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
}

export function weekday(epochSeconds: number): string {
  return date(new Date(epochSeconds * 1000), { weekday: "short", day: "numeric" });
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** How long ago something was: "2 minutes ago", "yesterday". */
export function ago(epochSeconds: number, now: number): string {
  const seconds = Math.min(0, epochSeconds - now);
  const [unit, length] = STEPS.find(([, size]) => -seconds >= size) ?? ["second", 1];
  const options = { numeric: "auto" } as const;
  const formatter = cached("relative", options, (tag) => new Intl.RelativeTimeFormat(tag, options));
  return formatter.format(Math.round(seconds / length) || 0, unit);
}

/** A duration in the largest units that say enough: "84ms", "2.4s", "3m 5s". */
export function duration(seconds: number): string {
  if (seconds < 1) return unit(Math.round(seconds * 1000), "millisecond");
  if (seconds < 60) return unit(Math.round(seconds * 10) / 10, "second");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(unit(minutes, "minute"), Math.round(seconds % 60), "second");
  return joined(unit(Math.floor(minutes / 60), "hour"), minutes % 60, "minute");
}

function joined(first: string, rest: number, restUnit: string): string {
  return rest === 0 ? first : `${first} ${unit(rest, restUnit)}`;
}

function unit(value: number, name: string): string {
  return number(value, { style: "unit", unit: name, unitDisplay: "narrow" });
}

export function list(items: readonly string[]): string {
  const options = { type: "conjunction" } as const;
  return cached("list", options, (tag) => new Intl.ListFormat(tag, options)).format(items);
}

/** Order texts as a reader of the language expects, numbers by value. */
export function compareNames(left: string, right: string): number {
  return cached("collator", {}, (tag) => new Intl.Collator(tag, { numeric: true })).compare(left, right);
}
