// Every thing that a control can do, as the action to call and the state to expect of it.
import type { Expectation } from "../live/expectation";
import type { Deed } from "../live/act";
import { domainOf, type EntityState } from "../live/state";
import { numbersOf } from "./attributes";

/** An entity as a control sees it. */
export interface Subject {
  readonly state: EntityState;
  readonly name: string;
}

/** An action of the entity's own domain. */
export function deed(subject: Subject, service: string, data: Deed["data"] = {}, expect?: Expectation): Deed {
  const { entityId } = subject.state;
  const common = { entityIds: [entityId], name: subject.name, action: `${domainOf(entityId)}.${service}`, data };
  return expect === undefined ? common : { ...common, expect };
}

export function power(subject: Subject, on: boolean): Deed {
  return deed(subject, on ? "turn_on" : "turn_off", {}, { state: on ? "on" : "off" });
}

/** Set a light to a share of 1 to 100 percent; 0 turns it off. */
export function brightness(subject: Subject, percent: number): Deed {
  if (percent === 0) return power(subject, false);
  const value = Math.max(1, Math.round(percent * 2.55));
  return deed(subject, "turn_on", { brightness: value }, { state: "on", attributes: { brightness: value } });
}

export function colourTemperature(subject: Subject, kelvin: number): Deed {
  const attributes = { color_temp_kelvin: kelvin, color_mode: "color_temp" };
  return deed(subject, "turn_on", { color_temp_kelvin: kelvin }, { state: "on", attributes });
}

const FULL_SATURATION = 90;

export function hue(subject: Subject, degrees: number): Deed {
  const saturation = numbersOf(subject.state.attributes, "hs_color")[1] ?? 0;
  const hs_color = [degrees, saturation < 20 ? FULL_SATURATION : saturation];
  return deed(subject, "turn_on", { hs_color }, { state: "on", attributes: { hs_color } });
}

export function lock(subject: Subject, locked: boolean): Deed {
  return deed(subject, locked ? "lock" : "unlock", {}, { state: locked ? "locked" : "unlocked" });
}

export type CoverMove = "open_cover" | "close_cover" | "stop_cover";

/** Covers take their time and say themselves how far they are: nothing is expected at once. */
export function move(subject: Subject, service: CoverMove): Deed {
  return deed(subject, service);
}

export function coverPosition(subject: Subject, position: number): Deed {
  return deed(subject, "set_cover_position", { position });
}

export function fanSpeed(subject: Subject, percentage: number): Deed {
  if (percentage === 0) return power(subject, false);
  return deed(subject, "set_percentage", { percentage }, { state: "on", attributes: { percentage } });
}

export function targetTemperature(subject: Subject, temperature: number): Deed {
  return deed(subject, "set_temperature", { temperature }, { attributes: { temperature } });
}

export function targetRange(subject: Subject, target_temp_low: number, target_temp_high: number): Deed {
  const range = { target_temp_low, target_temp_high };
  return deed(subject, "set_temperature", range, { attributes: range });
}

/** Modes that are set by name: climate's hvac, fan and preset mode, fans' preset, media sources. */
export function mode(subject: Subject, service: string, key: string, value: string): Deed {
  const expect = key === "hvac_mode" || key === "operation_mode" ? { state: value } : { attributes: { [key]: value } };
  return deed(subject, service, { [key]: value }, expect);
}

export function numberValue(subject: Subject, value: number): Deed {
  return deed(subject, "set_value", { value }, { state: String(value) });
}

export function textValue(subject: Subject, value: string): Deed {
  return deed(subject, "set_value", { value }, { state: value });
}

export function option(subject: Subject, value: string): Deed {
  return deed(subject, "select_option", { option: value }, { state: value });
}

export function press(subject: Subject): Deed {
  return deed(subject, "press");
}

export function playing(subject: Subject, play: boolean): Deed {
  return deed(subject, play ? "media_play" : "media_pause", {}, { state: play ? "playing" : "paused" });
}

export function skip(subject: Subject, service: "media_previous_track" | "media_next_track"): Deed {
  return deed(subject, service);
}

export function volume(subject: Subject, volume_level: number): Deed {
  return deed(subject, "volume_set", { volume_level }, { attributes: { volume_level } });
}

export function muted(subject: Subject, is_volume_muted: boolean): Deed {
  return deed(subject, "volume_mute", { is_volume_muted }, { attributes: { is_volume_muted } });
}
