// What the rarer domains say of their state.
import { now as nowInSteps, nowBySecond } from "../../app/now.svelte";
import { ago, clock, date, dateAndTime, number } from "../../i18n/format";
import { plural, t, word } from "../../i18n/messages.svelte";
import type { EntityState } from "../../live/state";
import { numberOf, textOf } from "../attributes";
import { plain, type Reading, type Say, sayPlainly, temperature } from "../wording";
import { countdown, remaining, secondsOf } from "./spans";

export const SAY: Readonly<Record<string, Say>> = {
  alarm_control_panel: byDomain("alarm.state."),
  camera: byDomain("camera.state."),
  date: ({ state }) => plain(dayOf(state)),
  datetime: ({ state }) => plain(momentOf(state)),
  humidifier: sayHumidifier,
  image: sayMoment("image.taken"),
  input_datetime: sayInputDatetime,
  lawn_mower: byDomain("mower.state."),
  notify: sayMoment("notify.sent"),
  scene: sayMoment("scene.activated"),
  schedule: saySchedule,
  sun: saySun,
  time: ({ state }) => plain(state.slice(0, 5)),
  timer: sayTimer,
  todo: ({ state }) => plain(plural("todo.open", Number(state) || 0)),
  update: sayUpdate,
  vacuum: byDomain("vacuum.state."),
  valve: sayValve,
  water_heater: sayWaterHeater,
  weather: sayWeather,
  zone: ({ state }) => plain(plural("zone.people", Number(state) || 0)),
};

function byDomain(prefix: string): Say {
  return (state) => {
    const said = word(prefix + state.state);
    return said === undefined ? sayPlainly(state) : plain(said);
  };
}

function sayMoment(key: "image.taken" | "notify.sent" | "scene.activated"): Say {
  return ({ state }, now) => {
    const at = Date.parse(state) / 1000;
    return plain(Number.isNaN(at) ? t("moment.never") : t(key, { when: ago(at, now) }));
  };
}

function sayHumidifier(state: EntityState): Reading {
  const target = numberOf(state.attributes, "humidity");
  const current = numberOf(state.attributes, "current_humidity");
  if (current !== undefined) return plain(`${sayPlainly(state).value} · ${number(current)}%`);
  return state.state === "on" && target !== undefined ? plain(`${number(target)}%`) : sayPlainly(state);
}

function sayValve(state: EntityState): Reading {
  const position = numberOf(state.attributes, "current_position");
  const partly = state.state === "open" && position !== undefined && position < 100;
  return partly ? plain(t("cover.partly", { position })) : sayPlainly(state);
}

function sayWaterHeater(state: EntityState): Reading {
  const current = numberOf(state.attributes, "current_temperature");
  const mode = word(`heater.${state.state}`) ?? sayPlainly(state).value;
  return plain(current === undefined ? mode : `${mode} · ${temperature(current)}`);
}

function sayWeather({ state, attributes }: EntityState): Reading {
  const degrees = numberOf(attributes, "temperature");
  const condition = word(`weather.${state}`) ?? state;
  return plain(degrees === undefined ? condition : `${condition} · ${temperature(degrees)}`);
}

function sayUpdate({ state, attributes }: EntityState): Reading {
  const share = numberOf(attributes, "update_percentage");
  if (attributes["in_progress"] !== false && attributes["in_progress"] !== undefined)
    return plain(share === undefined ? t("update.installing") : t("update.progress", { share }));
  const latest = textOf(attributes, "latest_version");
  if (state !== "on") return plain(t("update.none"));
  return plain(latest ? t("update.version", { version: latest }) : t("update.available"));
}

function sayTimer({ state, attributes }: EntityState): Reading {
  const left = remaining(state, attributes, nowBySecond);
  if (left !== null) return plain(state === "paused" ? t("timer.paused", { left: countdown(left) }) : countdown(left));
  const span = secondsOf(textOf(attributes, "duration") ?? "");
  return plain(span === null || state !== "idle" ? (word(`timer.state.${state}`) ?? state) : countdown(span));
}

function saySchedule(state: EntityState): Reading {
  const at = Date.parse(textOf(state.attributes, "next_event") ?? "") / 1000;
  if (Number.isNaN(at)) return sayPlainly(state);
  return plain(t(state.state === "on" ? "schedule.onUntil" : "schedule.offUntil", { when: soon(at) }));
}

function saySun({ state, attributes }: EntityState): Reading {
  const up = state === "above_horizon";
  const at = Date.parse(textOf(attributes, up ? "next_setting" : "next_rising") ?? "") / 1000;
  if (Number.isNaN(at)) return plain(word(`sun.${state}`) ?? state);
  return plain(t(up ? "sun.setsAt" : "sun.risesAt", { when: clock(at, false) }));
}

/** A time of today as a clock, another as a date too. */
function soon(at: number): string {
  const sameDay = new Date(at * 1000).toDateString() === new Date(nowInSteps() * 1000).toDateString();
  return sameDay ? clock(at, false) : dateAndTime(at, "short");
}

function sayInputDatetime({ state, attributes }: EntityState): Reading {
  if (attributes["has_date"] === false) return plain(state.slice(0, 5));
  return plain(attributes["has_time"] === false ? dayOf(state) : momentOf(state.replace(" ", "T")));
}

function dayOf(text: string): string {
  const at = new Date(`${text}T00:00`);
  return Number.isNaN(at.getTime()) ? text : date(at, { dateStyle: "medium" });
}

function momentOf(text: string): string {
  const at = Date.parse(text) / 1000;
  return Number.isNaN(at) ? text : dateAndTime(at, "short");
}
