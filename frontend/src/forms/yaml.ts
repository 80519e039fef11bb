// YAML fields: their text becomes the value that is sent. The parser is loaded only when there is such a field.
import type { FormField, Values } from "./schema";

/** The YAML of these fields could not be read; `errors` says why, by field. */
export class BadYaml extends Error {
  constructor(readonly errors: Readonly<Record<string, string>>) {
    super(Object.values(errors).join(" "));
  }
}

/** The values with the text of YAML fields parsed. Raises BadYaml. */
export async function withParsedYaml(fields: readonly FormField[], values: Values): Promise<Values> {
  const texts = fields.filter(({ key, control }) => control.kind === "yaml" && typeof values[key] === "string");
  if (texts.length === 0) return values;
  const { parse } = await import("yaml");
  const parsed: Values = { ...values };
  const errors: Record<string, string> = {};
  for (const { key } of texts) {
    try {
      parsed[key] = parse(values[key] as string);
    } catch (error) {
      errors[key] = (error as Error).message;
    }
  }
  if (Object.keys(errors).length > 0) throw new BadYaml(errors);
  return parsed;
}
