// Which icon an entity has, and how alive it looks.
import {
  mdiAccountOutline,
  mdiAirConditioner,
  mdiAlertCircleOutline,
  mdiBattery,
  mdiBatteryAlertVariantOutline,
  mdiBlinds,
  mdiBlindsOpen,
  mdiBrightness5,
  mdiCheckCircleOutline,
  mdiCounter,
  mdiCurrentAc,
  mdiDoorClosed,
  mdiDoorOpen,
  mdiEyeOutline,
  mdiFan,
  mdiFire,
  mdiFlash,
  mdiFormTextbox,
  mdiGarage,
  mdiGarageOpen,
  mdiGauge,
  mdiGestureTapButton,
  mdiLightbulb,
  mdiLightbulbOutline,
  mdiLightningBolt,
  mdiLockOpenVariant,
  mdiLock,
  mdiMoleculeCo2,
  mdiMotionSensor,
  mdiMusic,
  mdiPipeLeak,
  mdiPowerPlug,
  mdiPowerPlugOutline,
  mdiRayVertex,
  mdiRobotOutline,
  mdiShieldAlertOutline,
  mdiSmokeDetectorOutline,
  mdiSpeaker,
  mdiSpeedometer,
  mdiFormatListBulleted,
  mdiTelevision,
  mdiThermometer,
  mdiThermostat,
  mdiTimerOutline,
  mdiToggleSwitchOffOutline,
  mdiToggleSwitchOutline,
  mdiVibrate,
  mdiVolumeHigh,
  mdiWaterPercent,
  mdiWeatherWindy,
  mdiWifi,
  mdiWindowClosedVariant,
  mdiWindowOpenVariant,
} from "@mdi/js";

import { iconNamed } from "../icons/named.svelte";
import { domainOf, type EntityState } from "../live/state";
import { textOf } from "./attributes";
import { later } from "./later.svelte";

/** Colours of tokens.css; "rest" is grey. */
export type Tone = "rest" | "amber" | "orange" | "blue" | "teal" | "green" | "violet" | "red";

type Pair = readonly [rest: string, active: string];

const same = (path: string): Pair => [path, path];

const BY_DOMAIN: Readonly<Record<string, Pair>> = {
  automation: same(mdiRobotOutline),
  binary_sensor: same(mdiEyeOutline),
  button: same(mdiGestureTapButton),
  climate: same(mdiThermostat),
  cover: [mdiBlinds, mdiBlindsOpen],
  event: same(mdiFlash),
  fan: same(mdiFan),
  light: [mdiLightbulbOutline, mdiLightbulb],
  lock: [mdiLock, mdiLockOpenVariant],
  media_player: [mdiSpeaker, mdiMusic],
  number: same(mdiRayVertex),
  select: same(mdiFormatListBulleted),
  sensor: same(mdiGauge),
  switch: [mdiToggleSwitchOffOutline, mdiToggleSwitchOutline],
  text: same(mdiFormTextbox),
  input_boolean: [mdiToggleSwitchOffOutline, mdiToggleSwitchOutline],
  input_button: same(mdiGestureTapButton),
  input_number: same(mdiRayVertex),
  input_select: same(mdiFormatListBulleted),
  input_text: same(mdiFormTextbox),
};

const BY_CLASS: Readonly<Record<string, Pair>> = {
  "binary_sensor.battery": [mdiBattery, mdiBatteryAlertVariantOutline],
  "binary_sensor.carbon_monoxide": same(mdiSmokeDetectorOutline),
  "binary_sensor.connectivity": same(mdiWifi),
  "binary_sensor.door": [mdiDoorClosed, mdiDoorOpen],
  "binary_sensor.garage_door": [mdiGarage, mdiGarageOpen],
  "binary_sensor.gas": same(mdiSmokeDetectorOutline),
  "binary_sensor.lock": [mdiLock, mdiLockOpenVariant],
  "binary_sensor.moisture": same(mdiPipeLeak),
  "binary_sensor.motion": same(mdiMotionSensor),
  "binary_sensor.occupancy": same(mdiAccountOutline),
  "binary_sensor.opening": [mdiDoorClosed, mdiDoorOpen],
  "binary_sensor.plug": [mdiPowerPlugOutline, mdiPowerPlug],
  "binary_sensor.power": [mdiPowerPlugOutline, mdiPowerPlug],
  "binary_sensor.presence": same(mdiAccountOutline),
  "binary_sensor.problem": [mdiCheckCircleOutline, mdiAlertCircleOutline],
  "binary_sensor.safety": [mdiCheckCircleOutline, mdiShieldAlertOutline],
  "binary_sensor.smoke": same(mdiSmokeDetectorOutline),
  "binary_sensor.sound": same(mdiVolumeHigh),
  "binary_sensor.tamper": [mdiCheckCircleOutline, mdiShieldAlertOutline],
  "binary_sensor.vibration": same(mdiVibrate),
  "binary_sensor.window": [mdiWindowClosedVariant, mdiWindowOpenVariant],
  "cover.door": [mdiDoorClosed, mdiDoorOpen],
  "cover.garage": [mdiGarage, mdiGarageOpen],
  "cover.window": [mdiWindowClosedVariant, mdiWindowOpenVariant],
  "media_player.tv": same(mdiTelevision),
  "sensor.atmospheric_pressure": same(mdiSpeedometer),
  "sensor.battery": same(mdiBattery),
  "sensor.carbon_dioxide": same(mdiMoleculeCo2),
  "sensor.current": same(mdiCurrentAc),
  "sensor.duration": same(mdiTimerOutline),
  "sensor.energy": same(mdiLightningBolt),
  "sensor.gas": same(mdiFire),
  "sensor.humidity": same(mdiWaterPercent),
  "sensor.illuminance": same(mdiBrightness5),
  "sensor.moisture": same(mdiWaterPercent),
  "sensor.power": same(mdiFlash),
  "sensor.pressure": same(mdiSpeedometer),
  "sensor.signal_strength": same(mdiWifi),
  "sensor.sound_pressure": same(mdiVolumeHigh),
  "sensor.temperature": same(mdiThermometer),
  "sensor.timestamp": same(mdiTimerOutline),
  "sensor.voltage": same(mdiCurrentAc),
  "sensor.wind_speed": same(mdiWeatherWindy),
  "switch.outlet": [mdiPowerPlugOutline, mdiPowerPlug],
};

/** The one that somebody chose, or that of its kind. */
export function iconOf(entityId: string, state: EntityState | undefined): string {
  const attributes = state?.attributes ?? {};
  const domain = domainOf(entityId);
  const chosen = iconNamed(textOf(attributes, "icon")) ?? later(domain)?.iconFor(domain, state);
  if (chosen !== undefined) return chosen;
  const pair = BY_CLASS[`${domain}.${textOf(attributes, "device_class")}`] ?? BY_DOMAIN[domain] ?? same(mdiCounter);
  if (domain === "climate" && state?.state === "cool") return mdiAirConditioner;
  return pair[isActive(state) ? 1 : 0];
}

const RESTING = new Set(["off", "closed", "locked", "idle", "standby", "unavailable", "unknown", "not_home", "docked"]);

/** Whether the entity is in its unusual state: on, open, unlocked, playing. */
export function isActive(state: EntityState | undefined): boolean {
  return state !== undefined && !RESTING.has(state.state);
}

const ALARMING = new Set([
  "battery",
  "carbon_monoxide",
  "gas",
  "heat",
  "moisture",
  "problem",
  "safety",
  "smoke",
  "tamper",
]);
const NORMAL_WHEN_ON = new Set(["connectivity", "plug", "battery_charging", "running"]);
const OPENINGS = new Set(["door", "garage_door", "lock", "opening", "window"]);

/** The colour of an active entity; a resting one is grey, and so is what only measures. */
export function toneOf(entityId: string, state: EntityState | undefined): Tone {
  const domain = domainOf(entityId);
  if (domain === "lock") return lockTone(state);
  if (!isActive(state)) return "rest";
  if (domain === "binary_sensor") return binaryTone(state);
  if (domain === "climate") return climateTone(state);
  const told = state && later(domain)?.toneFor(domain, state);
  if (told) return told;
  return TONES[domain] ?? "rest";
}

const TONES: Readonly<Record<string, Tone>> = {
  automation: "green",
  cover: "violet",
  fan: "teal",
  input_boolean: "amber",
  light: "amber",
  media_player: "violet",
  switch: "amber",
};

function lockTone(state: EntityState | undefined): Tone {
  if (state?.state === "locked") return "green";
  if (state?.state === "jammed") return "red";
  return isActive(state) ? "orange" : "rest";
}

function binaryTone(state: EntityState | undefined): Tone {
  const kind = textOf(state?.attributes ?? {}, "device_class") ?? "";
  if (ALARMING.has(kind)) return "red";
  if (NORMAL_WHEN_ON.has(kind)) return "rest";
  if (OPENINGS.has(kind)) return "orange";
  return "blue";
}

function climateTone(state: EntityState | undefined): Tone {
  const action = textOf(state?.attributes ?? {}, "hvac_action");
  if (action === "cooling" || (action === undefined && state?.state === "cool")) return "blue";
  if (action === "heating" || (action === undefined && state?.state === "heat")) return "orange";
  return action === "idle" || action === "off" ? "rest" : "teal";
}
