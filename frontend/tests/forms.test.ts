import { describe, expect, test } from "vitest";

import { asDuration } from "../src/forms/duration";
import { entityOffers } from "../src/forms/offers";
import { fieldsOfStep, sectionsOfBlueprint, type WireField } from "../src/forms/schema";
import { complaint, initialValues, sendable } from "../src/forms/values";
import { BadYaml, withParsedYaml } from "../src/forms/yaml";
import type { Overview } from "../src/home/overview.svelte";

describe("a config flow's step", () => {
  const schema: WireField[] = [
    { name: "host", selector: { text: {} }, required: true, label: "Address", description: "Name or number" },
    { name: "port", selector: { number: { min: 1, max: 65_535, mode: "box" } }, default: 80 },
    { name: "pin", selector: { text: { type: "password" } }, required: true },
    { name: "poll", selector: { select: { options: [{ value: "fast", label: "Every second" }, "normal"] } } },
    { name: "tls", selector: { boolean: {} } },
    { name: "profile", selector: { select: { options: ["sdm630"], custom_value: true } } },
    { name: "registers", selector: { text: { multiline: true } } },
  ];
  const fields = fieldsOfStep(schema);

  test("becomes fields", () => {
    expect(fields.map(({ label, control }) => [label, control.kind])).toEqual([
      ["Address", "text"],
      ["Port", "number"],
      ["Pin", "text"],
      ["Poll", "select"],
      ["Tls", "boolean"],
      ["Profile", "select"],
      ["Registers", "text"],
    ]);
    expect(fields[2]!.control).toMatchObject({ secret: true });
    expect(fields[3]!.control).toMatchObject({
      choices: [
        { value: "fast", label: "Every second" },
        { value: "normal", label: "Normal" },
      ],
    });
    expect(fields[5]!.control).toMatchObject({ custom: true, choices: [{ value: "sdm630", label: "sdm630" }] });
    expect(fields[6]!.control).toMatchObject({ multiline: true });
  });

  test("speaks another language where the integration does", () => {
    const [host, port, , poll] = fieldsOfStep(schema, {
      host: { label: "地址", description: "名称或数字" },
      port: { description: "通常是 80" },
      poll: { options: { fast: "每秒" } },
    });
    expect(host).toMatchObject({ label: "地址", help: "名称或数字" });
    expect(port).toMatchObject({ label: "Port", help: "通常是 80" });
    expect(poll!.control).toMatchObject({ choices: [{ label: "每秒" }, { label: "Normal" }] });
  });

  test("starts with its defaults and sends what is filled in", () => {
    const values = initialValues(fields);
    expect(values).toEqual({ host: undefined, port: 80, pin: undefined, poll: undefined, tls: false });
    expect(sendable(fields, { ...values, host: "10.0.0.2" })).toEqual({ host: "10.0.0.2", port: 80, tls: false });
  });

  test("complains about what is missing, and only about that", () => {
    expect(complaint(fields[0]!, "")).toEqual({ key: "form.required" });
    expect(complaint(fields[0]!, "10.0.0.2")).toBeNull();
    expect(complaint(fields[1]!, undefined)).toBeNull();
    expect(complaint(fields[1]!, Number.NaN)).toEqual({ key: "form.number" });
    expect(complaint(fields[4]!, false)).toBeNull();
  });
});

describe("a blueprint's inputs", () => {
  const sections = sectionsOfBlueprint({
    motion_entity: {
      name: "Motion sensor",
      selector: { entity: { filter: [{ domain: ["binary_sensor"], device_class: "motion" }] } },
    },
    light_target: { selector: { target: { entity: { domain: "light" } } } },
    old_style: { selector: { entity: { domain: "switch", multiple: true } } },
    wait: { name: "Wait", default: 120, selector: { number: { min: 0, max: 3600, unit_of_measurement: "s" } } },
    extra: { default: [], selector: { action: null } },
    bare: null,
    more: {
      name: "More",
      collapsed: true,
      input: {
        after: { default: "17:00:00", selector: { time: {} } },
        mode: { selector: { select: { options: ["a", { value: "b", label: "B!" }] } } },
      },
    },
  });
  const [main, more] = sections;

  test("become fields in sections", () => {
    expect(sections.map(({ title, collapsed }) => [title, collapsed])).toEqual([
      ["", false],
      ["More", true],
    ]);
    expect(main!.fields.map(({ key, control }) => [key, control.kind])).toEqual([
      ["motion_entity", "entity"],
      ["light_target", "target"],
      ["old_style", "entity"],
      ["wait", "number"],
      ["extra", "yaml"],
      ["bare", "text"],
    ]);
    expect(more!.fields.map(({ label }) => label)).toEqual(["After", "Mode"]);
  });

  test("are required unless they have a default", () => {
    expect(main!.fields.filter(({ required }) => required).map(({ key }) => key)).toEqual([
      "motion_entity",
      "light_target",
      "old_style",
      "bare",
    ]);
  });

  test("keep the limits and units of numbers", () => {
    const wait = main!.fields[3]!;
    expect(wait.control).toMatchObject({ min: 0, max: 3600, unit: "s", slider: true });
    expect(complaint(wait, 4000)).toEqual({ key: "form.atMost", values: { max: 3600 } });
  });

  test("name languages in their own words", () => {
    const [section] = sectionsOfBlueprint({
      language: { default: "", selector: { language: { languages: ["de", "zh-Hans"] } } },
    });
    expect(section!.fields[0]!.control).toMatchObject({
      kind: "select",
      choices: [
        { value: "de", label: "Deutsch" },
        { value: "zh-Hans", label: "简体中文" },
      ],
    });
  });

  test("offer the entities of the right domain and class", () => {
    const entity = (entity_id: string, name: string): Overview["entities"][number] => ({
      entity_id,
      name,
      area_id: null,
      device_id: null,
      integration: "mqtt",
      category: null,
      hidden: false,
    });
    const overview: Overview = {
      name: "",
      floors: [],
      areas: [],
      devices: [],
      entities: [
        entity("binary_sensor.hall", "Hall"),
        entity("binary_sensor.door", "Door"),
        entity("light.hall", "Light"),
      ],
    };
    const classes: Record<string, string> = { "binary_sensor.hall": "motion", "binary_sensor.door": "door" };
    const control = main!.fields[0]!.control;
    const filters = control.kind === "entity" ? control.filters : [];
    expect(entityOffers(overview, filters, (id) => classes[id]).map(({ value }) => value)).toEqual([
      "binary_sensor.hall",
    ]);
  });
});

describe("YAML fields", () => {
  const [section] = sectionsOfBlueprint({ steps: { default: [{ delay: 1 }], selector: { action: {} } } });
  const fields = section!.fields;

  test("start with their default as text and send what it means", async () => {
    const values = initialValues(fields);
    expect(typeof values["steps"]).toBe("string");
    expect(await withParsedYaml(fields, values)).toEqual({ steps: [{ delay: 1 }] });
    expect(await withParsedYaml(fields, { steps: "- delay: 2\n- stop: done" })).toEqual({
      steps: [{ delay: 2 }, { stop: "done" }],
    });
  });

  test("name the field whose text cannot be read", async () => {
    const failure = await withParsedYaml(fields, { steps: "a: [1" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BadYaml);
    expect(Object.keys((failure as BadYaml).errors)).toEqual(["steps"]);
  });
});

test.each([
  [90, { hours: 0, minutes: 1, seconds: 30 }],
  ["00:02:05", { hours: 0, minutes: 2, seconds: 5 }],
  ["1:30", { hours: 1, minutes: 30, seconds: 0 }],
  [{ minutes: 3 }, { hours: 0, minutes: 3, seconds: 0 }],
  [
    { days: 1, hours: 1 },
    { hours: 25, minutes: 0, seconds: 0 },
  ],
  [undefined, { hours: 0, minutes: 0, seconds: 0 }],
])("the duration %j is %j", (value, parts) => {
  expect(asDuration(value)).toEqual(parts);
});
