import type { MessageKey } from "../i18n/messages.svelte";

export type RangeName = "1h" | "1d" | "1w";

export const RANGES: readonly { value: RangeName; label: MessageKey; seconds: number }[] = [
  { value: "1h", label: "history.hour", seconds: 3_600 },
  { value: "1d", label: "history.day", seconds: 86_400 },
  { value: "1w", label: "history.week", seconds: 604_800 },
];

/** The range named in the address, or a day. */
export function rangeOf(name: string | null): RangeName {
  return RANGES.find(({ value }) => value === name)?.value ?? "1d";
}

export function secondsOf(name: RangeName): number {
  return RANGES.find(({ value }) => value === name)!.seconds;
}
