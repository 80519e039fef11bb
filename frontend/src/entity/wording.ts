// An entity's state in words: with its unit, and as its device class means it.
import { ago, dateAndTime, measured, number } from "../i18n/format";
import { t, word } from "../i18n/messages.svelte";
import { domainOf, type EntityState } from "../live/state";
import { numberOf, textOf } from "./attributes";
import { later } from "./later.svelte";

export interface Reading {
  readonly value: string;
  readonly unit: string;
}

/** The state as one text: "21.4 °C", "Motion detected", "Heating to 21 °C". */
export function stateText(state: EntityState | undefined, now: number): string {
  if (state === undefined) return t("state.unknown");
  const { value, unit } = reading(state, now);
  return unit === "" ? value : `${value}${separator(unit)}${unit}`;
}

/** The state as value and unit apart. */
export function reading(state: EntityState, now: number): Reading {
  const special = word(`state.${state.state}`);
  const momentary = MOMENTARY.has(domainOf(state.entityId)) && state.state === "unknown";
  if (isMissing(state.state) && !momentary) return { value: special ?? state.state, unit: "" };
  const domain = domainOf(state.entityId);
  const say: Say = SAY[domain] ?? later(domain)?.SAY[domain] ?? sayPlainly;
  return say(state, now);
}

export function separator(unit: string): string {
  return unit === "%" || unit === "°" ? "" : "\u00a0";
}

export function isMissing(state: string): boolean {
  return state === "unavailable" || state === "unknown";
}

/** Of these, an unknown state means that it has not happened yet. */
const MOMENTARY = new Set(["button", "event", "image", "input_button", "notify", "scene"]);

export type Say = (state: EntityState, now: number) => Reading;

const SAY: Readonly<Record<string, Say>> = {
  binary_sensor: sayBinary,
  sensor: sayMeasurement,
  number: sayMeasurement,
  input_number: sayMeasurement,
  light: sayLight,
  fan: sayFan,
  cover: sayCover,
  climate: sayClimate,
  button: sayMoment("button.pressed", "button.never"),
  input_button: sayMoment("button.pressed", "button.never"),
  event: sayMoment("event.fired", "event.never"),
  media_player: sayMedia,
  text: sayVerbatim,
  input_text: sayVerbatim,
};

export function plain(value: string): Reading {
  return { value, unit: "" };
}

export function sayPlainly({ state }: EntityState): Reading {
  return plain(word(`state.${state}`) ?? state);
}

function sayVerbatim({ state }: EntityState): Reading {
  return plain(state === "" ? t("text.empty") : state);
}

function sayBinary(state: EntityState): Reading {
  const kind = textOf(state.attributes, "device_class");
  return plain(word(`binary.${kind}.${state.state}`) ?? word(`state.${state.state}`) ?? state.state);
}

function sayMeasurement(state: EntityState, now: number): Reading {
  const unit = textOf(state.attributes, "unit_of_measurement") ?? "";
  if (textOf(state.attributes, "device_class") === "timestamp") return sayTime(state.state, now);
  if (state.state === "" || !Number.isFinite(Number(state.state))) return sayPlainly(state);
  const step = numberOf(state.attributes, "step");
  return { value: step === undefined ? measured(state.state) : stepped(Number(state.state), step), unit };
}

/** What is set in steps has the decimals of its step, however the hub writes it. */
function stepped(value: number, step: number): string {
  const decimals = Math.min(String(step).split(".")[1]?.length ?? 0, 3);
  return number(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function sayTime(text: string, now: number): Reading {
  const at = Date.parse(text) / 1000;
  if (Number.isNaN(at)) return plain(text);
  return plain(at <= now ? ago(at, now) : dateAndTime(at));
}

function sayLight(state: EntityState): Reading {
  const brightness = numberOf(state.attributes, "brightness");
  if (state.state !== "on" || brightness === undefined) return sayPlainly(state);
  return plain(`${Math.max(1, Math.round((brightness / 255) * 100))}%`);
}

function sayFan(state: EntityState): Reading {
  const percentage = numberOf(state.attributes, "percentage");
  return state.state === "on" && percentage !== undefined ? plain(`${percentage}%`) : sayPlainly(state);
}

function sayCover(state: EntityState): Reading {
  const position = numberOf(state.attributes, "current_position");
  const partly = state.state === "open" && position !== undefined && position < 100;
  return partly ? plain(t("cover.partly", { position })) : sayPlainly(state);
}

function sayClimate(state: EntityState): Reading {
  const current = numberOf(state.attributes, "current_temperature");
  const action = textOf(state.attributes, "hvac_action");
  const doing = word(`hvac.${action}`) ?? word(`state.${state.state}`) ?? state.state;
  return plain(current === undefined ? doing : `${doing} · ${temperature(current)}`);
}

export function temperature(degrees: number): string {
  return `${number(degrees, { maximumFractionDigits: 1 })}°`;
}

function sayMedia(state: EntityState): Reading {
  const title = textOf(state.attributes, "media_title");
  const artist = textOf(state.attributes, "media_artist");
  const playing = state.state === "playing" || state.state === "paused";
  return playing && title ? plain(artist ? `${title} · ${artist}` : title) : sayPlainly(state);
}

/** The state of buttons and events is the moment when they last happened. */
function sayMoment(happened: "button.pressed" | "event.fired", never: "button.never" | "event.never"): Say {
  return (state, now) => {
    const at = Date.parse(state.state) / 1000;
    if (Number.isNaN(at)) return plain(t(never));
    const type = textOf(state.attributes, "event_type");
    return plain(
      type ? `${word(`event.type.${type}`) ?? type} · ${ago(at, now)}` : t(happened, { when: ago(at, now) }),
    );
  };
}
