// Helpers as forms: which fields each kind has, and how its values become an item of the hub's and back.
import { asDuration } from "../forms/duration";
import type { Choice, Control, FormField, Values } from "../forms/schema";
import { sendable } from "../forms/values";
import { t } from "../i18n/messages.svelte";
import type { HelperKind } from "./helper_kinds";
import { SCENE_DOMAINS, type Wanted } from "./scenes";
import { EMPTY_WEEK, type Week, weekOf, wireOf } from "./week";

export type HelperItem = Readonly<Record<string, unknown>> & { readonly id: string; readonly name: string };

const TEXT: Control = { kind: "text", multiline: false, secret: false };
const BOOLEAN: Control = { kind: "boolean" };

function field(key: string, control: Control, extra: Partial<FormField> = {}): FormField {
  const label = t(`helper.field.${key}` as "helper.field.min");
  return { key, label, help: "", required: false, initial: undefined, control, ...extra };
}

function amount(unit = "", step: number | "any" = "any", min?: number): Control {
  return { kind: "number", step, unit, slider: false, ...(min !== undefined && { min }) };
}

function choice(choices: readonly Choice[]): Control {
  return { kind: "select", choices, multiple: false, custom: false };
}

function entities(domains: readonly string[]): Control {
  return { kind: "entity", filters: [{ domains, deviceClasses: [], integration: null }], multiple: true };
}

/** The fields beside name and icon. `users` are the people who can sign in. */
export function fieldsOf(kind: HelperKind, users: readonly Choice[] = []): readonly FormField[] {
  return FIELDS[kind](users);
}

const none = (): readonly FormField[] => [];

const FIELDS: Readonly<Record<HelperKind, (users: readonly Choice[]) => readonly FormField[]>> = {
  input_boolean: none,
  input_button: none,
  schedule: none,
  todo: none,
  input_number: () => [
    field("min", amount(), { required: true, initial: 0 }),
    field("max", amount(), { required: true, initial: 100 }),
    field("step", amount("", "any", 0), { initial: 1 }),
    field("unit_of_measurement", TEXT),
    field("mode", choice(["slider", "box"].map((value) => ({ value, label: modeName(value) }))), { initial: "slider" }),
  ],
  input_select: () => [
    field(
      "options",
      { kind: "select", choices: [], multiple: true, custom: true },
      {
        required: true,
        help: t("helper.optionsHelp"),
      },
    ),
  ],
  input_text: () => [
    field("min", amount("", 1, 0), { label: t("helper.field.shortest"), initial: 0 }),
    field("max", amount("", 1, 1), { label: t("helper.field.longest"), initial: 100 }),
    field("mode", choice(["text", "password"].map((value) => ({ value, label: modeName(value) }))), {
      initial: "text",
    }),
    field("pattern", TEXT, { help: t("helper.patternHelp") }),
  ],
  input_datetime: () => [
    field("parts", choice(PARTS.map((value) => ({ value, label: t(`helper.parts.${value}`) }))), {
      required: true,
      initial: "date_time",
    }),
  ],
  counter: () => [
    field("initial", amount("", 1), { initial: 0 }),
    field("step", amount("", 1, 1), { initial: 1 }),
    field("minimum", amount("", 1)),
    field("maximum", amount("", 1)),
    field("restore", BOOLEAN, { initial: true }),
  ],
  timer: () => [
    field("duration", { kind: "duration" }, { required: true, initial: { hours: 0, minutes: 5, seconds: 0 } }),
    field("restore", BOOLEAN, { initial: true, help: t("helper.timerRestoreHelp") }),
  ],
  scene: () => [
    field("entities", entities(SCENE_DOMAINS), { required: true, help: t("helper.entitiesHelp") }),
    field("anew", BOOLEAN, { help: t("helper.anewHelp") }),
  ],
  zone: () => [
    field("latitude", { ...amount("°"), min: -90, max: 90 } as Control, { required: true }),
    field("longitude", { ...amount("°"), min: -180, max: 180 } as Control, { required: true }),
    field("radius", amount("m", "any", 0), { initial: 100 }),
    field("passive", BOOLEAN, { help: t("helper.passiveHelp") }),
  ],
  person: (users) => [
    field("user_id", choice(users), { help: t("helper.userHelp") }),
    field("device_trackers", entities(["device_tracker"])),
  ],
};

const PARTS = ["date_time", "date", "time"] as const;

function modeName(value: string): string {
  return t(`helper.mode.${value}` as "helper.mode.slider");
}

/** What a form starts with. */
export function valuesOf(kind: HelperKind, item: HelperItem): Values {
  if (kind === "timer") return { ...item, duration: asDuration(item["duration"]) };
  if (kind === "scene") return { entities: Object.keys(statesIn(item)) };
  if (kind !== "input_datetime") return { ...item };
  const { has_date, has_time } = item;
  return { ...item, parts: has_date && has_time ? "date_time" : has_date ? "date" : "time" };
}

/** What a scene wants of its entities. */
export function statesIn(item: HelperItem | null): Readonly<Record<string, Wanted>> {
  return (item?.["entities"] as Record<string, Wanted> | undefined) ?? {};
}

export function weekIn(kind: HelperKind, item: HelperItem | null): Week {
  return kind === "schedule" && item !== null ? weekOf(item) : EMPTY_WEEK;
}

export interface Filled {
  readonly name: string;
  readonly icon: string | null;
  readonly values: Values;
  readonly week: Week;
  /** A scene's, by entity. */
  readonly states: Readonly<Record<string, Wanted>>;
}

/** What is sent to make or change a helper; what was left empty is left out. */
export function itemOf(
  kind: HelperKind,
  fields: readonly FormField[],
  { name, icon, values, week, states }: Filled,
): Values {
  const { parts, duration, anew: _, ...plain } = sendable(fields, values);
  return {
    name: name.trim(),
    ...(icon !== null && kind !== "person" && { icon }),
    ...plain,
    ...(kind === "input_datetime" && { has_date: parts !== "time", has_time: parts !== "date" }),
    ...(kind === "timer" && { duration: durationText(duration) }),
    ...(kind === "scene" && { entities: states }),
    ...(kind === "schedule" && wireOf(week)),
    ...(kind === "person" && { user_id: plain["user_id"] ?? null, device_trackers: plain["device_trackers"] ?? [] }),
  };
}

function durationText(value: unknown): string {
  const { hours, minutes, seconds } = asDuration(value);
  return [hours, minutes, seconds].map((part) => String(part).padStart(2, "0")).join(":");
}
