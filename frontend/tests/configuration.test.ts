import { beforeAll, describe, expect, test } from "vitest";

import { accessOf, grantsOf } from "../src/config/access";
import { affectedBy } from "../src/config/affected";
import { drawn } from "../src/config/colours";
import { found, is, isLeftOver } from "../src/config/entity_rows";
import { fieldsOf, itemOf, valuesOf } from "../src/config/helper_forms";
import { HELPER_KINDS } from "../src/config/helper_kinds";
import { moved } from "../src/config/order";
import { byLevel, type EntityRegistryRow } from "../src/config/registries.svelte";
import { sceneStates } from "../src/config/scenes";
import { EMPTY_WEEK } from "../src/config/week";
import { initialValues } from "../src/forms/values";
import * as gallery from "../src/icons/gallery";
import { exportOf, nameOf } from "../src/icons/named.svelte";
import type { EntityState } from "../src/live/state";
import { after } from "../src/notifications/notifications.svelte";
import { inEnglish } from "./catalogue";

beforeAll(inEnglish);

function entity(entity_id: string, extra: Partial<EntityRegistryRow> = {}): EntityRegistryRow {
  const [platform = ""] = entity_id.split(".");
  return {
    ...{
      entity_id,
      unique_id: entity_id,
      platform,
      config_entry_id: null,
      name: null,
      original_name: null,
      icon: null,
    },
    ...{ area_id: null, device_id: null, labels: [], entity_category: null, disabled_by: null, hidden_by: null },
    ...extra,
  };
}

describe("deleting tells what hangs on", () => {
  const all = {
    areas: [{ area_id: "hall", name: "Hall", floor_id: "ground", icon: null, labels: ["night"], aliases: [] }],
    devices: [
      { id: "d", name: "Lamp", name_by_user: null, area_id: "hall", labels: [], disabled_by: null },
      { id: "e", name: "Fan", name_by_user: null, area_id: null, labels: ["night"], disabled_by: null },
    ],
    entities: [entity("light.lamp", { area_id: "hall" }), entity("fan.fan", { labels: ["night"] })],
  };

  test.each([
    ["area", "hall", [], ["d"], ["light.lamp"]],
    ["floor", "ground", ["hall"], [], []],
    ["label", "night", ["hall"], ["e"], ["fan.fan"]],
    ["label", "day", [], [], []],
  ] as const)("a %s %s", (kind, id, areas, devices, entities) => {
    const inIt = affectedBy(kind, id, all);
    expect(inIt.areas.map(({ area_id }) => area_id)).toEqual(areas);
    expect(inIt.devices.map((device) => device.id)).toEqual(devices);
    expect(inIt.entities.map(({ entity_id }) => entity_id)).toEqual(entities);
  });
});

describe("entities", () => {
  const restored = { attributes: { restored: true } } as unknown as EntityState;

  test("that nothing provides any more are left over, disabled ones are not", () => {
    expect(isLeftOver(entity("light.a"), restored)).toBe(true);
    expect(isLeftOver(entity("light.a", { disabled_by: "user" }), restored)).toBe(false);
    expect(isLeftOver(entity("light.a"), { attributes: {} } as unknown as EntityState)).toBe(false);
  });

  test("are narrowed down by how they are and by what is typed", () => {
    const hidden = entity("light.a", { hidden_by: "user" });
    expect([is("hidden", hidden, undefined), is("shown", hidden, undefined), is("all", hidden, undefined)]).toEqual([
      true,
      false,
      true,
    ]);
    const named = { row: hidden, name: "Lamp", device: "Desk", area: "Study" };
    expect([found("study lamp", named), found("kitchen", named)]).toEqual([true, false]);
  });
});

describe("a helper", () => {
  test.each(HELPER_KINDS)("%s is sent as it is filled in", (kind) => {
    const fields = fieldsOf(kind);
    const item = itemOf(kind, fields, {
      name: " A ",
      icon: null,
      values: initialValues(fields),
      week: EMPTY_WEEK,
      states: {},
    });
    expect(item["name"]).toBe("A");
    expect(Object.values(item)).not.toContain(undefined);
  });

  test("with a time alone says so, and comes back as one", () => {
    const fields = fieldsOf("input_datetime");
    const values = valuesOf("input_datetime", { id: "a", name: "A", has_date: false, has_time: true });
    expect(values["parts"]).toBe("time");
    const item = itemOf("input_datetime", fields, { name: "A", icon: null, values, week: EMPTY_WEEK, states: {} });
    expect([item["has_date"], item["has_time"], item["parts"]]).toEqual([false, true, undefined]);
  });

  test("that counts down has its duration as the hub writes it", () => {
    const fields = fieldsOf("timer");
    const values = valuesOf("timer", { id: "a", name: "A", duration: "0:09:05" });
    expect(itemOf("timer", fields, { name: "A", icon: null, values, week: EMPTY_WEEK, states: {} })["duration"]).toBe(
      "00:09:05",
    );
  });
});

test("a scene keeps the states it has, and takes those of now for what is new or asked for anew", () => {
  const now = {
    state: "on",
    attributes: { brightness: 80, friendly_name: "Lamp", effect: null },
  } as unknown as EntityState;
  const had = { "light.a": { state: "off" }, "light.gone": { state: "on" } };
  const wanted = { state: "on", brightness: 80 };
  const stateOf = (id: string) => (id === "light.gone" ? undefined : now);
  expect(sceneStates(["light.a", "light.b"], had, false, stateOf)).toEqual({
    "light.a": { state: "off" },
    "light.b": wanted,
  });
  expect(sceneStates(["light.a", "light.gone"], had, true, stateOf)).toEqual({
    "light.a": wanted,
    "light.gone": { state: "on" },
  });
});

test("every icon has a name that leads back to it", () => {
  for (const name of Object.keys(gallery)) expect(exportOf(nameOf(name))).toBe(name);
  expect(nameOf("mdiMoleculeCo2")).toBe("mdi:molecule-co2");
  expect(nameOf("mdiHomeFloor0")).toBe("mdi:home-floor-0");
});

test("floors stand from the lowest up, and two rooms change places", () => {
  const floor = (floor_id: string, level: number | null) => ({
    floor_id,
    name: floor_id,
    level,
    icon: null,
    aliases: [],
  });
  const sorted = byLevel([floor("attic", 2), floor("cellar", -1), floor("ground", null)]);
  expect(sorted.map(({ floor_id }) => floor_id)).toEqual(["cellar", "ground", "attic"]);
  expect(moved(["a", "b", "c", "d"], "a", "c")).toEqual(["c", "b", "a", "d"]);
});

test("a label's colour is named, written out, or grey", () => {
  expect(drawn("#12ab34")).toBe("#12ab34");
  expect(drawn("url(evil)")).toBe(drawn("grey"));
  expect(drawn(null)).toBe(drawn("grey"));
});

describe("what a user may", () => {
  const kitchen = { everything: false, control: true, areas: ["kitchen"], domains: [] };

  test("is by itself everything for a user and nothing for a guest", () => {
    expect([accessOf("user", null)?.everything, accessOf("guest", null)?.everything]).toEqual([true, false]);
    expect(grantsOf("user", accessOf("user", null)!)).toBeNull();
    expect(grantsOf("guest", accessOf("guest", null)!)).toBeNull();
  });

  test.each([
    ["guest", kitchen, [{ action: "*", area: ["kitchen"] }]],
    [
      "guest",
      { ...kitchen, control: false, domains: ["light"] },
      [{ action: null, area: ["kitchen"], domain: ["light"] }],
    ],
    ["guest", { ...kitchen, everything: true, areas: [] }, [{ action: "*" }]],
    ["user", { ...kitchen, areas: [] }, []],
  ] as const)("of a %s survives its way to the hub: %j", (role, access, grants) => {
    expect(grantsOf(role, access)).toEqual(grants);
    expect(accessOf(role, grants)).toEqual(access);
  });

  test("is left alone where it is finer than the form", () => {
    expect(accessOf("guest", [{ action: "lock.unlock", entity: ["lock.shed"] }])).toBeNull();
    expect(accessOf("guest", [{ action: "*", area: ["a"] }, { action: null }])).toBeNull();
  });
});

test("notifications come, go, and are all told anew after a reconnection", () => {
  const one = { notification_id: "a", title: null, message: "m", created_at: "2026-01-01" };
  const first = after(new Map(), { type: "current", notifications: { a: one } });
  const second = after(first, { type: "added", notifications: { b: { ...one, notification_id: "b" } } });
  expect([...second.keys()]).toEqual(["a", "b"]);
  expect([...after(second, { type: "removed", notifications: { a: one } }).keys()]).toEqual(["b"]);
  expect([...after(second, { type: "current", notifications: {} }).keys()]).toEqual([]);
});
