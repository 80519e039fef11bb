/** The tones of a siren: a list, or numbers with their names. */
export function tonesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "object" && value !== null ? Object.values(value).map(String) : [];
}
