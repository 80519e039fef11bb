// The values of a form: where they start, whether they will do, and what is sent.
import type { MessageKey } from "../i18n/messages.svelte";
import type { FormField, Values } from "./schema";

export interface Complaint {
  readonly key: MessageKey;
  readonly values?: Readonly<Record<string, string | number>>;
}

export function initialValues(fields: readonly FormField[], kept: Values = {}): Values {
  return Object.fromEntries(fields.map((field) => [field.key, kept[field.key] ?? startOf(field)]));
}

function startOf({ initial, control, required }: FormField): unknown {
  if (initial !== undefined) return control.kind === "yaml" && typeof initial !== "string" ? asYaml(initial) : initial;
  if (control.kind === "boolean") return false;
  if (control.kind === "number" && control.slider && required) return control.min;
  return "multiple" in control && control.multiple && control.kind !== "target" ? [] : undefined;
}

/** JSON is YAML, so a default needs no writer of its own; an empty one is an empty field. */
function asYaml(value: unknown): string {
  return isEmpty(value) ? "" : JSON.stringify(value, null, 2);
}

/** What is wrong with a value, or null. */
export function complaint({ required, control }: FormField, value: unknown): Complaint | null {
  if (isEmpty(value)) return required && control.kind !== "boolean" ? { key: "form.required" } : null;
  if (control.kind !== "number") return null;
  if (typeof value !== "number" || !Number.isFinite(value)) return { key: "form.number" };
  const { min = -Infinity, max = Infinity } = control;
  if (value < min) return { key: "form.atLeast", values: { min } };
  return value > max ? { key: "form.atMost", values: { max } } : null;
}

/** The values to send: what was left empty is left out, so that the other side's default holds. */
export function sendable(fields: readonly FormField[], values: Values): Values {
  const filled = fields.filter(({ key }) => !isEmpty(values[key]));
  return Object.fromEntries(filled.map(({ key }) => [key, values[key]]));
}

export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}
