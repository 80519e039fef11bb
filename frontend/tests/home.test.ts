import { beforeAll, describe, expect, test } from "vitest";

import { entityIdOf, entityPath, match } from "../src/app/routes";
import { deviceRows, entityLabel } from "../src/devices/rows";
import { filtered, matches } from "../src/home/filter";
import { grouped } from "../src/home/grouping";
import type { Device, EntityInfo, Overview } from "../src/home/overview.svelte";
import { missingDevices } from "../src/home/problems";
import type { EntityState } from "../src/live/state";
import { inEnglish } from "./catalogue";

beforeAll(inEnglish);

function device(id: string, area_id: string | null): Device {
  return { id, name: `Device ${id}`, area_id, manufacturer: null, model: null, integration: "mqtt" };
}

function entity(entity_id: string, area_id: string | null, extra: Partial<EntityInfo> = {}): EntityInfo {
  return {
    entity_id,
    name: entity_id,
    area_id,
    device_id: "d1",
    integration: "mqtt",
    category: null,
    hidden: false,
    ...extra,
  };
}

const HOME: Overview = {
  name: "Home",
  floors: [
    { floor_id: "up", name: "Upstairs", level: 1 },
    { floor_id: "down", name: "Downstairs", level: 0 },
  ],
  areas: [
    { area_id: "attic", name: "Attic", floor_id: "up", icon: null },
    { area_id: "hall", name: "Hall", floor_id: "down", icon: null },
    { area_id: "garden", name: "Garden", floor_id: null, icon: null },
    { area_id: "empty", name: "Empty", floor_id: "down", icon: null },
  ],
  devices: [device("d1", "hall"), device("d2", null)],
  entities: [
    entity("sensor.hall_t", "hall"),
    entity("light.hall", "hall"),
    entity("light.attic", "attic", { device_id: "d2" }),
    entity("switch.garden", "garden"),
    entity("sensor.free", null, { device_id: null }),
    entity("sensor.hall_battery", "hall", { category: "diagnostic" }),
    entity("light.hidden", "hall", { hidden: true }),
    entity("automation.a", null),
  ],
};

describe("Home", () => {
  const groups = grouped(HOME);

  test("goes from the ground up, and ends with what is on no floor and in no area", () => {
    expect(groups.map(({ floor, sections }) => [floor?.name, sections.map(({ area }) => area?.name)])).toEqual([
      ["Downstairs", ["Hall"]],
      ["Upstairs", ["Attic"]],
      [undefined, ["Garden", undefined]],
    ]);
  });

  test("shows what one uses before what one reads, and no settings, hidden things or automations", () => {
    expect(groups[0]!.sections[0]!.entities.map(({ entity_id }) => entity_id)).toEqual(["light.hall", "sensor.hall_t"]);
    expect(groups[2]!.sections[1]!.entities.map(({ entity_id }) => entity_id)).toEqual(["sensor.free"]);
  });

  test("is left with the floors and areas in which something matches", () => {
    const left = filtered(groups, (id) => id === "light.attic");
    expect(left.map(({ key }) => key)).toEqual(["up"]);
  });
});

test("every word of a filter must be found somewhere", () => {
  expect(matches("hall lig", "Ceiling light", "Hall")).toBe(true);
  expect(matches("hall lock", "Ceiling light", "Hall")).toBe(false);
});

test("a device is missing when all that is known of it is unavailable", () => {
  const states: Record<string, string> = {
    "light.attic": "unavailable",
    "light.hall": "unavailable",
    "sensor.hall_t": "20",
  };
  const found = missingDevices(HOME, (id) => (id in states ? ({ state: states[id] } as EntityState) : undefined));
  expect(found.map(({ id }) => id)).toEqual(["d2"]);
});

test("devices are listed by area, with what one uses first", () => {
  const rows = deviceRows(HOME);
  expect(rows.map(({ area }) => area?.name)).toEqual(["Hall", undefined]);
  expect(rows[0]!.rows[0]!.entities.map(({ entity_id }) => entity_id).slice(0, 2)).toEqual([
    "light.hall",
    "switch.garden",
  ]);
});

test("on a device's own list an entity does not repeat the device's name", () => {
  const porch: Device = { ...device("d", null), name: "Porch lamp" };
  expect(entityLabel(entity("sensor.b", null, { name: "Porch lamp battery" }), porch)).toBe("Battery");
  expect(entityLabel(entity("light.b", null, { name: "Porch lamp" }), porch)).toBe("Porch lamp");
});

describe("addresses", () => {
  test.each([
    ["/", "/", {}],
    ["/automations/new", "/automations/new", {}],
    ["/automations/evening%20scene", "/automations/:id", { id: "evening scene" }],
    ["/automations/a/runs/b", "/automations/:id/runs/:run", { id: "a", run: "b" }],
    ["/nowhere/at/all", "*", {}],
  ])("%s is %s", (path, pattern, params) => {
    const found = match(path);
    expect(found.route.pattern).toBe(pattern);
    expect(found.params).toEqual(params);
  });

  test("of entities have no dot, and both spellings lead to the entity", () => {
    expect(entityPath("light.kitchen")).toBe("/e/light/kitchen");
    expect(entityIdOf(match("/e/light/kitchen").params)).toBe("light.kitchen");
    expect(entityIdOf(match("/e/light.kitchen").params)).toBe("light.kitchen");
  });
});
