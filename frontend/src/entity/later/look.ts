// How the rarer domains look: icon and colour.
import {
  mdiAccountCircleOutline,
  mdiAccountOffOutline,
  mdiAirHumidifier,
  mdiAlarmLightOutline,
  mdiBellRingOutline,
  mdiCalendarClock,
  mdiCalendarOutline,
  mdiCctv,
  mdiCheckboxMarkedCircleOutline,
  mdiClockOutline,
  mdiCounter,
  mdiCrosshairsGps,
  mdiFormatListChecks,
  mdiImageOutline,
  mdiMapMarkerRadiusOutline,
  mdiPackageUp,
  mdiPalette,
  mdiPipeValve,
  mdiRemote,
  mdiRobotMower,
  mdiRobotVacuum,
  mdiScriptTextOutline,
  mdiShieldAlertOutline,
  mdiShieldCheckOutline,
  mdiShieldOffOutline,
  mdiTimerOutline,
  mdiWaterBoiler,
  mdiWeatherCloudy,
  mdiWeatherFog,
  mdiWeatherHail,
  mdiWeatherLightning,
  mdiWeatherLightningRainy,
  mdiWeatherNight,
  mdiWeatherPartlyCloudy,
  mdiWeatherPouring,
  mdiWeatherRainy,
  mdiWeatherSnowy,
  mdiWeatherSnowyRainy,
  mdiWeatherSunny,
  mdiWeatherWindy,
  mdiWhiteBalanceSunny,
} from "@mdi/js";

import type { EntityState } from "../../live/state";
import type { Tone } from "../icon";

const ICONS: Readonly<Record<string, string>> = {
  camera: mdiCctv,
  counter: mdiCounter,
  date: mdiCalendarOutline,
  datetime: mdiCalendarClock,
  device_tracker: mdiCrosshairsGps,
  humidifier: mdiAirHumidifier,
  image: mdiImageOutline,
  input_datetime: mdiCalendarClock,
  lawn_mower: mdiRobotMower,
  notify: mdiBellRingOutline,
  remote: mdiRemote,
  scene: mdiPalette,
  schedule: mdiCalendarClock,
  script: mdiScriptTextOutline,
  siren: mdiAlarmLightOutline,
  time: mdiClockOutline,
  timer: mdiTimerOutline,
  todo: mdiFormatListChecks,
  vacuum: mdiRobotVacuum,
  valve: mdiPipeValve,
  water_heater: mdiWaterBoiler,
  zone: mdiMapMarkerRadiusOutline,
};

const WEATHER: Readonly<Record<string, string>> = {
  "clear-night": mdiWeatherNight,
  cloudy: mdiWeatherCloudy,
  exceptional: mdiWeatherCloudy,
  fog: mdiWeatherFog,
  hail: mdiWeatherHail,
  lightning: mdiWeatherLightning,
  "lightning-rainy": mdiWeatherLightningRainy,
  partlycloudy: mdiWeatherPartlyCloudy,
  pouring: mdiWeatherPouring,
  rainy: mdiWeatherRainy,
  snowy: mdiWeatherSnowy,
  "snowy-rainy": mdiWeatherSnowyRainy,
  sunny: mdiWeatherSunny,
  windy: mdiWeatherWindy,
  "windy-variant": mdiWeatherWindy,
};

export function weatherIcon(condition: string): string {
  return WEATHER[condition] ?? mdiWeatherCloudy;
}

export function iconFor(domain: string, state: EntityState | undefined): string | undefined {
  const text = state?.state ?? "";
  if (domain === "weather") return weatherIcon(text);
  if (domain === "person") return text === "not_home" ? mdiAccountOffOutline : mdiAccountCircleOutline;
  if (domain === "sun") return text === "below_horizon" ? mdiWeatherNight : mdiWhiteBalanceSunny;
  if (domain === "update") return text === "on" ? mdiPackageUp : mdiCheckboxMarkedCircleOutline;
  if (domain === "alarm_control_panel") return alarmIcon(text);
  return ICONS[domain];
}

function alarmIcon(state: string): string {
  if (state === "triggered" || state === "pending") return mdiShieldAlertOutline;
  return state === "disarmed" ? mdiShieldOffOutline : mdiShieldCheckOutline;
}

/** Colours by state; a domain's "" stands for every state that is not named. */
const TONES: Readonly<Record<string, Readonly<Record<string, Tone>>>> = {
  alarm_control_panel: { triggered: "red", pending: "orange", arming: "orange", disarmed: "rest", "": "green" },
  humidifier: { on: "blue" },
  lawn_mower: { mowing: "green", error: "red" },
  person: { home: "green" },
  remote: { on: "violet" },
  schedule: { on: "green" },
  siren: { on: "red" },
  sun: { above_horizon: "amber" },
  timer: { active: "blue", paused: "amber" },
  update: { on: "orange" },
  vacuum: { cleaning: "teal", returning: "teal", error: "red" },
  valve: { open: "blue", opening: "blue", closing: "blue" },
  water_heater: { off: "rest", "": "orange" },
};

export function toneFor(domain: string, { state }: EntityState): Tone | undefined {
  const tones = TONES[domain];
  return tones && (tones[state] ?? tones[""] ?? "rest");
}
