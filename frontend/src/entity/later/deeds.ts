// What the controls of the rarer domains do.
import type { Deed } from "../../live/act";
import { deed, type Subject } from "../deeds";

/** An action without arguments whose effect the device tells by itself. */
export function plainly(subject: Subject, service: string): Deed {
  return deed(subject, service);
}

export function valvePosition(subject: Subject, position: number): Deed {
  return deed(subject, "set_valve_position", { position });
}

export function targetHumidity(subject: Subject, humidity: number): Deed {
  return deed(subject, "set_humidity", { humidity }, { attributes: { humidity } });
}

export function away(subject: Subject, on: boolean): Deed {
  return deed(subject, "set_away_mode", { away_mode: on }, { attributes: { away_mode: on ? "on" : "off" } });
}

/** Arm or disarm; panels take their time and say themselves how far they are. */
export function alarm(subject: Subject, service: string, code: string): Deed {
  return deed(subject, service, code === "" ? {} : { code });
}

export function sound(subject: Subject, options: Readonly<Record<string, unknown>>): Deed {
  return deed(subject, "turn_on", options, { state: "on" });
}

export function install(subject: Subject): Deed {
  return deed(subject, "install", {}, { attributes: { in_progress: true } });
}

export function count(subject: Subject, by: 1 | -1): Deed {
  const step = Number(subject.state.attributes["step"] ?? 1);
  const next = Number(subject.state.state) + by * step;
  return deed(subject, by > 0 ? "increment" : "decrement", {}, { state: String(next) });
}

/** Start a timer: for its own span, or for another one of "HH:MM:SS". */
export function startTimer(subject: Subject, duration?: string): Deed {
  return deed(subject, "start", duration === undefined ? {} : { duration });
}

/** Set a date, a time or both, of "2026-11-22", "07:30" or "2026-11-22T07:30". */
export function moment(subject: Subject, domain: string, value: string): Deed {
  if (domain === "date") return deed(subject, "set_value", { date: value }, { state: value });
  if (domain === "time") return deed(subject, "set_value", { time: withSeconds(value) }, { state: withSeconds(value) });
  if (domain === "datetime") return deed(subject, "set_value", { datetime: new Date(value).toISOString() });
  return inputMoment(subject, value);
}

function inputMoment(subject: Subject, value: string): Deed {
  const { has_date, has_time } = subject.state.attributes;
  if (has_time === false) return deed(subject, "set_datetime", { date: value }, { state: value });
  const text = withSeconds(value.replace("T", " "));
  return deed(subject, "set_datetime", { [has_date === false ? "time" : "datetime"]: text }, { state: text });
}

function withSeconds(value: string): string {
  return /:\d\d:/.test(value) ? value : `${value}:00`;
}

export function message(subject: Subject, text: string, title: string): Deed {
  return deed(subject, "send_message", title === "" ? { message: text } : { message: text, title });
}
