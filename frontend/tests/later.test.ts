import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeAll, describe, expect, test } from "vitest";

import { iconOf, toneOf } from "../src/entity/icon";
import { loadLater } from "../src/entity/later.svelte";
import { alarmChoices, codeWanted } from "../src/entity/later/alarm";
import { buttonsOf } from "../src/entity/later/buttons";
import CodePad from "../src/entity/later/CodePad.svelte";
import { moment } from "../src/entity/later/deeds";
import { direction, metres } from "../src/entity/later/distance";
import { bars, kindsOf } from "../src/entity/later/forecast";
import { fieldValue, kindOfMoment } from "../src/entity/later/moments";
import { pictureAddress } from "../src/entity/later/pictures";
import { countdown, remaining, secondsOf } from "../src/entity/later/spans";
import { openFirst } from "../src/entity/later/todo.svelte";
import { tonesOf } from "../src/entity/later/tones";
import { stateText } from "../src/entity/wording";
import type { EntityState } from "../src/live/state";
import { inEnglish } from "./catalogue";

const NOW = 1_800_000_000;

beforeAll(async () => {
  inEnglish();
  await loadLater();
});

function state(entityId: string, text: string, attributes: Record<string, unknown> = {}): EntityState {
  const context = { id: "c", parent_id: null, user_id: null };
  return { entityId, state: text, attributes, context, lastChanged: NOW, lastUpdated: NOW };
}

test.each([
  ["vacuum.a", "returning", {}, "Returning"],
  ["lawn_mower.a", "mowing", {}, "Mowing"],
  ["valve.a", "open", { current_position: 40 }, "40% open"],
  ["humidifier.a", "on", { humidity: 55, current_humidity: 43 }, "On · 43%"],
  ["water_heater.a", "heat_pump", { current_temperature: 51.5 }, "Heat pump · 51.5°"],
  ["alarm_control_panel.a", "armed_away", {}, "Armed, away"],
  ["update.a", "on", { latest_version: "1.5", in_progress: false }, "1.5 available"],
  ["update.a", "on", { latest_version: "1.5", in_progress: true, update_percentage: 35 }, "Installing, 35%"],
  ["update.a", "off", { in_progress: false }, "Up to date"],
  ["weather.a", "partlycloudy", { temperature: 21.4 }, "Partly cloudy · 21.4°"],
  ["todo.a", "1", {}, "1 to do"],
  ["zone.a", "2", {}, "2 people"],
  ["timer.a", "idle", { duration: "0:09:00" }, "9:00"],
  ["timer.a", "paused", { remaining: "0:04:05" }, "Paused at 4:05"],
  ["timer.a", "active", {}, "Running"],
  ["date.a", "2026-12-24", {}, "24 Dec 2026"],
  ["input_datetime.a", "06:45:00", { has_date: false, has_time: true }, "06:45"],
  ["input_number.a", "5.0", { step: 5, unit_of_measurement: "%" }, "5%"],
  ["scene.a", "unknown", {}, "Not yet"],
  ["vacuum.a", "unavailable", {}, "Unavailable"],
  ["person.a", "not_home", {}, "Away"],
])("%s that is %s with %j says %s", (entityId, text, attributes, words) => {
  const said = stateText(state(entityId, text, attributes), NOW).replaceAll("\u00a0", " ");
  expect([words, words.replace("24 Dec 2026", "Dec 24, 2026")]).toContain(said);
});

test("an alarm that sounds is red, an armed one green, and each has its icon", () => {
  const at = (text: string): EntityState => state("alarm_control_panel.a", text);
  expect(
    ["triggered", "arming", "armed_home", "disarmed"].map((text) => toneOf("alarm_control_panel.a", at(text))),
  ).toEqual(["red", "orange", "green", "rest"]);
  expect(iconOf("alarm_control_panel.a", at("triggered"))).not.toBe(iconOf("alarm_control_panel.a", at("disarmed")));
});

describe("an alarm panel", () => {
  const keypad = { supported_features: 3, code_format: "number", code_arm_required: false };

  test("is armed from rest and disarmed from anything else", () => {
    expect(alarmChoices("disarmed", keypad).map(({ state: to }) => to)).toEqual(["armed_home", "armed_away"]);
    expect(alarmChoices("triggered", keypad).map(({ service }) => service)).toEqual(["alarm_disarm"]);
  });

  test("wants its code for disarming, and for arming only where it says so", () => {
    const [arm] = alarmChoices("disarmed", keypad);
    const [disarm] = alarmChoices("armed_home", keypad);
    expect([codeWanted(arm!, keypad), codeWanted(disarm!, keypad)]).toEqual([null, "number"]);
    expect(codeWanted(arm!, { ...keypad, code_arm_required: true })).toBe("number");
    expect(codeWanted(disarm!, { code_format: null })).toBeNull();
  });

  test("takes a code from its pad and from the keyboard", async () => {
    const entered: string[] = [];
    render(CodePad, { numeric: true, label: "Disarm", onenter: (code: string) => entered.push(code) });
    for (const digit of ["1", "2", "2"]) await fireEvent.click(screen.getByRole("button", { name: digit }));
    await fireEvent.click(screen.getByRole("button", { name: "Delete the last digit" }));
    await fireEvent.click(screen.getByRole("button", { name: "Disarm" }));
    expect(entered).toEqual(["12"]);
    expect(screen.getByLabelText<HTMLInputElement>("Code").type).toBe("password");
  });
});

test("a vacuum has the buttons of its features, and those that would do nothing are grey", () => {
  const buttons = buttonsOf(state("vacuum.a", "docked", { supported_features: 8192 | 4 | 16 }));
  expect(buttons.map(({ service, useless }) => [service, useless])).toEqual([
    ["start", false],
    ["pause", true],
    ["return_to_base", true],
  ]);
});

describe("a timer", () => {
  test.each([
    ["active", { finishes_at: new Date((NOW + 245) * 1000).toISOString() }, 245],
    ["active", { finishes_at: new Date((NOW - 5) * 1000).toISOString() }, 0],
    ["paused", { remaining: "0:04:05" }, 245],
    ["idle", { remaining: "0:04:05" }, null],
  ])("that is %s with %j has %s seconds left", (text, attributes, left) => {
    expect(remaining(text, attributes, () => NOW)).toBe(left);
  });

  test("counts as people read it", () => {
    expect([countdown(245), countdown(59.2), countdown(3_845), countdown(0)]).toEqual([
      "4:05",
      "1:00",
      "1:04:05",
      "0:00",
    ]);
    expect([secondsOf("1:30:00"), secondsOf("soon")]).toEqual([5_400, null]);
  });
});

test("dates and times go into fields and out of them", () => {
  expect(kindOfMoment("input_datetime", { has_date: true, has_time: true })).toBe("datetime-local");
  expect(kindOfMoment("input_datetime", { has_date: false, has_time: true })).toBe("time");
  expect(fieldValue("time", "06:45:00")).toBe("06:45");
  expect(fieldValue("datetime-local", "2026-11-22 06:45:00")).toBe("2026-11-22T06:45");
  const subject = { state: state("input_datetime.a", "", { has_date: true, has_time: true }), name: "A" };
  expect(moment(subject, "input_datetime", "2026-11-22T06:45").data).toEqual({ datetime: "2026-11-22 06:45:00" });
  expect(moment({ ...subject, state: state("time.a", "") }, "time", "06:45").data).toEqual({ time: "06:45:00" });
});

test("distances are those on the ground, and directions those of the compass", () => {
  const berlin = { latitude: 52.52, longitude: 13.405 };
  const paris = { latitude: 48.857, longitude: 2.352 };
  expect(metres(berlin, paris) / 1000).toBeCloseTo(878, -1);
  expect([direction(berlin, paris), direction(paris, berlin)]).toEqual(["southwest", "northeast"]);
  expect(metres(berlin, berlin)).toBe(0);
});

test("a forecast has the kinds of its features, and its temperatures share one scale", () => {
  expect(kindsOf({ supported_features: 3 })).toEqual(["daily", "hourly"]);
  const rows = bars([
    { datetime: "1", temperature: 20, templow: 10 },
    { datetime: "2", temperature: 15, templow: 0 },
    { datetime: "3", temperature: null },
  ]);
  expect(rows).toEqual([{ start: 0.5, length: 0.5 }, { start: 0, length: 0.75 }, null]);
});

test("a picture is asked for with the entity's token alone", () => {
  expect(pictureAddress("camera.door", "a&b", "3")).toBe("/api/camera_proxy/camera.door?token=a%26b&v=3");
  expect(pictureAddress("camera.door", undefined, "3")).toBeNull();
});

test("what is to be done stands before what is done", () => {
  const item = (uid: string, status: "needs_action" | "completed") => ({ uid, summary: uid, status });
  const items = [item("a", "completed"), item("b", "needs_action"), item("c", "needs_action")];
  expect(openFirst(items).map(({ uid }) => uid)).toEqual(["b", "c", "a"]);
});

test("the tones of a siren are a list or have numbers", () => {
  expect([tonesOf(["a"]), tonesOf({ 1: "fire", 2: "burglar" }), tonesOf(null)]).toEqual([
    ["a"],
    ["fire", "burglar"],
    [],
  ]);
});
