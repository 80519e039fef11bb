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

/** The range to show where none was chosen: of a past shorter than an hour, an hour, or it would be a speck in a day. */
export function shown(chosen: string | null, first: number | undefined, now: number): RangeName {
  const isYoung = chosen === null && first !== undefined && first > now - secondsOf("1h");
  return isYoung ? "1h" : rangeOf(chosen);
}

export function secondsOf(name: RangeName): number {
  return RANGES.find(({ value }) => value === name)!.seconds;
}
