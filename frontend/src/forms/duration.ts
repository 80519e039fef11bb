export interface Duration {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** A duration in any of the forms that blueprints give: seconds, "HH:MM[:SS]", or {hours, minutes, seconds}. */
export function asDuration(value: unknown): Duration {
  if (typeof value === "number") return ofSeconds(value);
  if (typeof value === "string") return ofText(value);
  const parts = (typeof value === "object" && value !== null ? value : {}) as Partial<Record<string, unknown>>;
  const part = (name: string): number => Number(parts[name] ?? 0) || 0;
  return { hours: part("days") * 24 + part("hours"), minutes: part("minutes"), seconds: part("seconds") };
}

function ofText(text: string): Duration {
  if (!text.includes(":")) return ofSeconds(Number(text) || 0);
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map((part) => Number(part) || 0);
  return { hours, minutes, seconds };
}

function ofSeconds(total: number): Duration {
  return { hours: Math.floor(total / 3600), minutes: Math.floor((total % 3600) / 60), seconds: total % 60 };
}
