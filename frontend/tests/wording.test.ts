import { beforeAll, describe, expect, test } from "vitest";

import { iconOf, isActive, toneOf } from "../src/entity/icon";
import { fullName, withoutArea } from "../src/entity/names";
import { stateText } from "../src/entity/wording";
import { ago, duration, measured } from "../src/i18n/format";
import type { EntityState } from "../src/live/state";
import { inEnglish } from "./catalogue";

const NOW = 1_800_000_000;

beforeAll(inEnglish);

function state(entityId: string, text: string, attributes: Record<string, unknown> = {}): EntityState {
  const context = { id: "c", parent_id: null, user_id: null };
  return { entityId, state: text, attributes, context, lastChanged: NOW, lastUpdated: NOW };
}

function said(entityId: string, text: string, attributes?: Record<string, unknown>): string {
  return stateText(state(entityId, text, attributes), NOW).replaceAll("\u00a0", " ");
}

test.each([
  ["sensor.t", "20.40", { unit_of_measurement: "°C" }, "20.40 °C"],
  ["sensor.h", "46", { unit_of_measurement: "%" }, "46%"],
  ["sensor.e", "1842.337", { unit_of_measurement: "kWh" }, "1,842.34 kWh"],
  ["sensor.mode", "eco", {}, "eco"],
  ["sensor.t", "unavailable", { unit_of_measurement: "°C" }, "Unavailable"],
  ["binary_sensor.m", "on", { device_class: "motion" }, "Motion"],
  ["binary_sensor.m", "off", { device_class: "motion" }, "No motion"],
  ["binary_sensor.d", "on", { device_class: "door" }, "Open"],
  ["binary_sensor.x", "on", { device_class: "never_heard_of" }, "On"],
  ["light.a", "on", { brightness: 128 }, "50%"],
  ["light.a", "on", { brightness: 1 }, "1%"],
  ["light.a", "off", { brightness: null }, "Off"],
  ["cover.a", "open", { current_position: 60 }, "60% open"],
  ["cover.a", "open", { current_position: 100 }, "Open"],
  ["climate.a", "heat", { hvac_action: "heating", current_temperature: 20.4 }, "Heating · 20.4°"],
  ["lock.a", "locked", {}, "Locked"],
  ["fan.a", "on", { percentage: 50 }, "50%"],
  ["button.a", "unknown", {}, "Never pressed"],
  ["event.a", new Date((NOW - 7_200) * 1000).toISOString(), { event_type: "press" }, "Pressed · 2 hours ago"],
  [
    "media_player.a",
    "playing",
    { media_title: "Weightless", media_artist: "Marconi Union" },
    "Weightless · Marconi Union",
  ],
  ["text.a", "", {}, "Empty"],
])("%s that is %s with %j says %s", (entityId, text, attributes, words) => {
  expect(said(entityId, text, attributes)).toBe(words);
});

describe("names", () => {
  test.each([
    ["Living room ceiling light", "Living room", "Ceiling light"],
    ["living room: lamp", "Living Room", "Lamp"],
    ["客厅吸顶灯", "客厅", "吸顶灯"],
    ["客厅的灯", "客厅", "灯"],
    ["Halloween lamp", "Hall", "Halloween lamp"],
    ["Kitchen", "Kitchen", "Kitchen"],
    ["Desk lamp", undefined, "Desk lamp"],
  ])("%s in %s is %s", (name, area, shown) => {
    expect(withoutArea(name, area)).toBe(shown);
  });

  test("come from the id where nothing else is known", () => {
    expect(fullName(undefined, undefined, "sensor.outdoor_wind")).toBe("Outdoor wind");
  });
});

test("an alarm is red, an open door orange, a connection that holds is nothing special", () => {
  expect(toneOf("binary_sensor.s", state("binary_sensor.s", "on", { device_class: "smoke" }))).toBe("red");
  expect(toneOf("binary_sensor.d", state("binary_sensor.d", "on", { device_class: "door" }))).toBe("orange");
  expect(toneOf("binary_sensor.c", state("binary_sensor.c", "on", { device_class: "connectivity" }))).toBe("rest");
  expect(toneOf("light.a", state("light.a", "off"))).toBe("rest");
  expect(toneOf("lock.a", state("lock.a", "locked"))).toBe("green");
});

test("an icon shows whether it is on, not by colour alone", () => {
  expect(iconOf("light.a", state("light.a", "on"))).not.toBe(iconOf("light.a", state("light.a", "off")));
  expect(isActive(state("light.a", "unavailable"))).toBe(false);
  expect(iconOf("vacuum.unknown_domain", undefined)).toBeTruthy();
});

test("spans of time are said in the largest unit that fits", () => {
  expect(ago(NOW - 125, NOW)).toBe("2 minutes ago");
  expect(ago(NOW + 5, NOW)).toBe("now");
  expect([duration(0.0842), duration(2.44), duration(185), duration(3_600)]).toEqual(["84ms", "2.4s", "3m 5s", "1h"]);
});

test("a measured number keeps the decimals that it came with", () => {
  expect([measured("20.0"), measured("20"), measured("20.123")]).toEqual(["20.0", "20", "20.12"]);
});
