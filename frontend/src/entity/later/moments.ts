// Dates and times between an entity's state and an input field.
import type { Attributes } from "../../live/state";

export type MomentKind = "date" | "time" | "datetime-local";

export function kindOfMoment(domain: string, { has_date, has_time }: Attributes): MomentKind {
  if (domain === "date" || has_time === false) return "date";
  return domain === "time" || has_date === false ? "time" : "datetime-local";
}

/** "2026-11-22 07:30:00" or "2026-11-22T06:30:00+00:00" as a field takes it, in the time of this browser. */
export function fieldValue(kind: MomentKind, state: string): string {
  if (kind === "date") return state.slice(0, 10);
  if (kind === "time") return state.slice(0, 5);
  const at = new Date(state.replace(" ", "T"));
  if (Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
