// What an entity can do, read from its capability attributes and feature bits (Home Assistant's).
import { type Attributes, domainOf, type EntityState } from "../live/state";
import { supports, textsOf } from "./attributes";

export const COVER = { open: 1, close: 2, position: 4, stop: 8 } as const;
export const FAN = { speed: 1, preset: 8 } as const;
export const CLIMATE = { target: 1, range: 2, fanMode: 8, preset: 16, swing: 32 } as const;
export const MEDIA = {
  pause: 1,
  volume: 4,
  mute: 8,
  previous: 16,
  next: 32,
  turnOn: 128,
  turnOff: 256,
  source: 2048,
  stop: 4096,
  play: 16384,
} as const;

const WITHOUT_BRIGHTNESS = new Set(["onoff", "unknown"]);
const WITH_COLOUR = new Set(["hs", "rgb", "rgbw", "rgbww", "xy"]);

export function hasBrightness(attributes: Attributes): boolean {
  return textsOf(attributes, "supported_color_modes").some((mode) => !WITHOUT_BRIGHTNESS.has(mode));
}

export function hasColourTemperature(attributes: Attributes): boolean {
  return textsOf(attributes, "supported_color_modes").includes("color_temp");
}

export function hasColour(attributes: Attributes): boolean {
  return textsOf(attributes, "supported_color_modes").some((mode) => WITH_COLOUR.has(mode));
}

const ALWAYS_TALL = new Set([
  "alarm_control_panel",
  "camera",
  "climate",
  "cover",
  "date",
  "datetime",
  "humidifier",
  "image",
  "input_datetime",
  "input_number",
  "input_select",
  "input_text",
  "lawn_mower",
  "number",
  "select",
  "text",
  "time",
  "vacuum",
  "valve",
  "water_heater",
]);

/** Whether the entity's control needs a row of its own. */
export function isTall({ entityId, attributes }: EntityState): boolean {
  const domain = domainOf(entityId);
  if (domain === "light") return hasBrightness(attributes);
  if (domain === "fan") return supports(attributes, FAN.speed);
  if (domain === "media_player") return supports(attributes, MEDIA.volume | MEDIA.previous | MEDIA.next);
  return ALWAYS_TALL.has(domain);
}
