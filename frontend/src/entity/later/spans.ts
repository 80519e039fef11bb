// Spans of time as timers give them, "1:30:00" or "0:05:00.25", and as a countdown shows them.
import type { Attributes } from "../../live/state";
import { textOf } from "../attributes";

/** Seconds of "H:MM:SS", null if it is none. */
export function secondsOf(text: string): number | null {
  const parts = text.split(":").map(Number);
  if (parts.length !== 3 || parts.some((part) => !Number.isFinite(part))) return null;
  const [hours = 0, minutes = 0, seconds = 0] = parts;
  return hours * 3600 + minutes * 60 + seconds;
}

/** "4:05", or "1:04:05" from an hour on. */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  const [minutes, rest] = parts;
  return hours > 0 ? `${hours}:${minutes}:${rest}` : `${Number(minutes)}:${rest}`;
}

/** Seconds that a timer still has, null while it rests. The clock is read only if it runs. */
export function remaining(state: string, attributes: Attributes, now: () => number): number | null {
  if (state === "paused") return secondsOf(textOf(attributes, "remaining") ?? "");
  if (state !== "active") return null;
  const end = Date.parse(textOf(attributes, "finishes_at") ?? "") / 1000;
  return Number.isNaN(end) ? secondsOf(textOf(attributes, "remaining") ?? "") : Math.max(0, end - now());
}
