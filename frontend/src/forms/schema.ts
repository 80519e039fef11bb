// A form as data. It comes from a config flow's step or from a blueprint's inputs; both become the same fields.
export interface Choice {
  readonly value: string;
  readonly label: string;
}

export type Control =
  | { readonly kind: "text"; readonly multiline: boolean; readonly secret: boolean }
  | {
      readonly kind: "number";
      readonly min?: number;
      readonly max?: number;
      readonly step: number | "any";
      readonly unit: string;
      readonly slider: boolean;
    }
  | { readonly kind: "boolean" }
  | { readonly kind: "time" }
  | { readonly kind: "duration" }
  | { readonly kind: "yaml" }
  | PickedControl;

/** Controls that pick from a list. */
export type PickedControl =
  | {
      readonly kind: "select";
      readonly choices: readonly Choice[];
      readonly multiple: boolean;
      readonly custom: boolean;
    }
  | { readonly kind: "entity" | "target"; readonly filters: readonly EntityFilter[]; readonly multiple: boolean }
  | { readonly kind: "area" | "floor" | "device"; readonly multiple: boolean };

/** An entity is offered if it passes one of the filters; an empty list in a filter means any. */
export interface EntityFilter {
  readonly domains: readonly string[];
  readonly deviceClasses: readonly string[];
  readonly integration: string | null;
}

export interface FormField {
  readonly key: string;
  readonly label: string;
  readonly help: string;
  readonly required: boolean;
  /** undefined: no default. */
  readonly initial: unknown;
  readonly control: Control;
}

export interface FormSection {
  readonly title: string;
  readonly help: string;
  readonly collapsed: boolean;
  readonly fields: readonly FormField[];
}

export type Values = Record<string, unknown>;

/** One field of a config flow's step. */
export interface WireField {
  name: string;
  selector: Selector;
  required?: boolean;
  default?: unknown;
  description?: string;
  label?: string;
}

/** What kind of value is asked for, and its limits: {"number": {"min": 0}}. */
export type Selector = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;

/** What an integration says of the fields of its dialog in another language. */
export type FormWords = Readonly<Record<string, FieldWords>>;

export interface FieldWords {
  readonly label?: string;
  readonly description?: string;
  readonly options?: Readonly<Record<string, string>>;
}

/** One input of a blueprint, or a section of them. */
export interface WireInput {
  name?: string | null;
  description?: string | null;
  default?: unknown;
  selector?: Selector | null;
  collapsed?: boolean;
  input?: Readonly<Record<string, WireInput | null>>;
}

export function fieldsOfStep(schema: readonly WireField[], words: FormWords = {}): FormField[] {
  return schema.map((field) => {
    const { label, description, options = {} } = words[field.name] ?? {};
    return {
      key: field.name,
      label: label ?? field.label ?? titled(field.name),
      help: description ?? field.description ?? "",
      required: field.required ?? false,
      initial: field.default,
      control: reworded(controlOf(field.selector), options),
    };
  });
}

function reworded(control: Control, words: Readonly<Record<string, string>>): Control {
  if (control.kind !== "select") return control;
  return { ...control, choices: control.choices.map(({ value, label }) => ({ value, label: words[value] ?? label })) };
}

function controlOf(selector: Selector | null | undefined): Control {
  const [kind, options] = Object.entries(selector ?? {})[0] ?? ["text", null];
  return (SELECTORS[kind] ?? yaml)(options ?? {});
}

export function sectionsOfBlueprint(inputs: Readonly<Record<string, WireInput | null>>): FormSection[] {
  const plain = Object.entries(inputs).filter(([, input]) => input?.input === undefined);
  const grouped = Object.entries(inputs).filter(([, input]) => input?.input !== undefined);
  const first = { title: "", help: "", collapsed: false, fields: plain.map(fieldOfInput) };
  const rest = grouped.map(([key, section]) => ({
    title: section?.name ?? titled(key),
    help: section?.description ?? "",
    collapsed: section?.collapsed ?? false,
    fields: Object.entries(section?.input ?? {}).map(fieldOfInput),
  }));
  return [first, ...rest].filter(({ fields }) => fields.length > 0);
}

function fieldOfInput([key, input]: [string, WireInput | null]): FormField {
  return {
    key,
    label: input?.name ?? titled(key),
    help: input?.description ?? "",
    required: input?.default === undefined,
    initial: input?.default,
    control: controlOf(input?.selector),
  };
}

type Options = Readonly<Record<string, unknown>>;

const yaml = (): Control => ({ kind: "yaml" });

const SELECTORS: Readonly<Record<string, (options: Options) => Control>> = {
  area: (options) => ({ kind: "area", multiple: options["multiple"] === true }),
  boolean: () => ({ kind: "boolean" }),
  device: (options) => ({ kind: "device", multiple: options["multiple"] === true }),
  duration: () => ({ kind: "duration" }),
  entity: (options) => ({ kind: "entity", filters: filtersOf(options), multiple: options["multiple"] === true }),
  floor: (options) => ({ kind: "floor", multiple: options["multiple"] === true }),
  icon: () => ({ kind: "text", multiline: false, secret: false }),
  language: languageOf,
  number: numberOf,
  select: selectOf,
  target: (options) => ({ kind: "target", filters: targetFilters(options), multiple: true }),
  template: () => ({ kind: "text", multiline: true, secret: false }),
  text: (options) => ({
    kind: "text",
    multiline: options["multiline"] === true,
    secret: options["type"] === "password",
  }),
  time: () => ({ kind: "time" }),
};

function numberOf(options: Options): Control {
  const min = typeof options["min"] === "number" ? options["min"] : undefined;
  const max = typeof options["max"] === "number" ? options["max"] : undefined;
  const step = typeof options["step"] === "number" ? options["step"] : 1;
  const slider = options["mode"] !== "box" && min !== undefined && max !== undefined;
  const unit = String(options["unit_of_measurement"] ?? "");
  return { kind: "number", ...(min !== undefined && { min }), ...(max !== undefined && { max }), step, unit, slider };
}

function selectOf(options: Options): Control {
  const choices = list(options["options"]).map((item) => choiceOf(item as string | Choice));
  return { kind: "select", choices, multiple: options["multiple"] === true, custom: options["custom_value"] === true };
}

/** Languages by their own names. */
function languageOf(options: Options): Control {
  const tags = list(options["languages"] ?? ["en", "zh-Hans"]).map(String);
  const choices = tags.map((tag) => ({
    value: tag,
    label: new Intl.DisplayNames(tag, { type: "language" }).of(tag) ?? tag,
  }));
  return { kind: "select", choices, multiple: false, custom: false };
}

function choiceOf(option: string | Choice): Choice {
  if (typeof option !== "string") return option;
  return { value: option, label: /^[a-z][a-z_ ]*$/.test(option) ? titled(option) : option };
}

function filtersOf(options: Options): EntityFilter[] {
  const filters = list(options["filter"]) as Options[];
  return (filters.length > 0 ? filters : [options]).map(filterOf);
}

function targetFilters(options: Options): EntityFilter[] {
  const filters = list(options["entity"]) as Options[];
  return (filters.length > 0 ? filters : [{}]).map(filterOf);
}

function filterOf(options: Options): EntityFilter {
  return {
    domains: list(options["domain"]).map(String),
    deviceClasses: list(options["device_class"]).map(String),
    integration: typeof options["integration"] === "string" ? options["integration"] : null,
  };
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** "no_motion_wait" as a label: "No motion wait". */
export function titled(key: string): string {
  const text = key.replaceAll("_", " ");
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
