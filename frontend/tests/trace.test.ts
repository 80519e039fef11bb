import { beforeAll, describe, expect, test } from "vitest";

import { newId } from "../src/automations/automations.svelte";
import { comparisonsOf } from "../src/automations/comparison";
import { calledAction, resultLines } from "../src/automations/results";
import { type Run, type StepRecord, verdict } from "../src/automations/run";
import { traceOf } from "../src/automations/trace";
import { confidenceLevel } from "../src/ui/confidence";
import { inEnglish } from "./catalogue";

beforeAll(inEnglish);

function step(path: string, kind: string, extra: Partial<StepRecord> = {}): StepRecord {
  return {
    path,
    kind,
    started: 1,
    finished: 2,
    compared: {},
    result: {},
    variables: {},
    decision: null,
    error: null,
    ...extra,
  };
}

function run(steps: StepRecord[], config: Record<string, unknown> = {}): Run {
  return {
    run_id: "r",
    automation_id: "a",
    entity_id: "automation.a",
    started: 1,
    finished: 2,
    outcome: "finished",
    trigger: {},
    steps,
    context: {},
    config,
    blueprint: null,
    inputs: {},
    error: null,
  };
}

describe("a trace", () => {
  const trace = traceOf(
    run(
      [
        step("trigger/0", "state"),
        step("condition/0", "numeric_state", { result: { result: true } }),
        step("action/0", "choose"),
        step("action/0/choose/0", "option", { result: { result: false } }),
        step("action/0/choose/0/conditions/0", "state", { result: { result: false } }),
        step("action/0/default/0", "action", { error: "no answer" }),
      ],
      {
        conditions: { condition: "numeric_state", below: 40 },
        actions: [
          { choose: [{ conditions: [{ condition: "state", alias: "Dark?" }] }] },
          { delay: "00:01" },
          { action: "light.turn_on" },
        ],
      },
    ),
  );

  test("puts steps below the step that they are part of", () => {
    const [choose] = trace.actions;
    expect(choose!.children.map(({ path }) => path)).toEqual(["action/0/choose/0", "action/0/default/0"]);
    expect(choose!.children[0]!.children.map(({ path }) => path)).toEqual(["action/0/choose/0/conditions/0"]);
  });

  test("tells what held, what did not, what failed and what was never reached", () => {
    expect(trace.conditions[0]!.state).toBe("ok");
    expect(trace.actions[0]!.children.map(({ state }) => state)).toEqual(["stopped", "failed"]);
    expect(trace.actions.slice(1).map(({ kind, state }) => [kind, state])).toEqual([
      ["delay", "unreached"],
      ["action", "unreached"],
    ]);
  });

  test("finds what the automation says at each path", () => {
    expect(trace.conditions[0]!.config).toEqual({ condition: "numeric_state", below: 40 });
    expect(trace.actions[0]!.children[0]!.children[0]!.config).toMatchObject({ alias: "Dark?" });
  });

  test("has a trigger also where somebody ran it by hand", () => {
    expect(traceOf(run([step("trigger", "manual")])).triggers).toHaveLength(1);
  });
});

test.each([
  [{ entity_id: "sensor.lux", state: 57.2, wanted_state_below: 40, result: false }, ["57.2 < 40"]],
  [
    { entity_id: "sensor.t", state: 21.5, wanted_state_above: 18, wanted_state_below: 24, result: true },
    ["18 < 21.5 < 24"],
  ],
  [{ entity_id: "light.a", state: "off", wanted_state: "on", result: false }, ["off = on"]],
  [{ entity_id: "light.a", state: "off", wanted_state: ["on", "unknown"], result: false }, ["off ∈ on, unknown"]],
  [
    { entity_id: "light.a", state: "on", wanted_state: "on", for: 60, lasted: 12.5, result: false },
    ["on = on, 12.5 s ≥ 60 s"],
  ],
  [{ entity_id: "binary_sensor.m", from: "off", to: "on" }, ["off → on"]],
  [{ id: "door", wanted_id: ["door", "window"] }, ["door ∈ door, window"]],
  [
    { now_time: "18:30:00", weekday: "mon", after: "17:00:00", before: "23:00:00" },
    ["17:00:00 ≤ 18:30:00 < 23:00:00 (mon)"],
  ],
  [
    {
      entities: [
        { entity_id: "a.b", state: "1", wanted_state: "2" },
        { entity_id: "a.c", state: "2", wanted_state: "2" },
      ],
    },
    ["1 = 2", "2 = 2"],
  ],
  [{}, []],
])("%j reads as %j", (compared, expressions) => {
  expect(comparisonsOf(compared).map(({ expression }) => expression)).toEqual(expressions);
});

test("a template shows its text, and the states that it used", () => {
  const compared = { rendered: "False", entities: ["sun.sun"], states: { "sun.sun": "above_horizon" } };
  const shown = comparisonsOf(compared, { value_template: "{{ is_state('sun.sun', 'below_horizon') }}" });
  expect(shown.map(({ entityId, expression }) => [entityId, expression])).toEqual([
    [null, "{{ is_state('sun.sun', 'below_horizon') }}"],
    ["sun.sun", "above_horizon"],
  ]);
});

test("a template that used no entity shows its text all the same", () => {
  const shown = comparisonsOf({ rendered: "True", entities: [], states: {} }, { value_template: "{{ 1 < 2 }}" });
  expect(shown.map(({ expression }) => expression)).toEqual(["{{ 1 < 2 }}"]);
});

test("an action is the rendered one where it was reached, the written one where not", () => {
  const params = {
    domain: "light",
    service: "turn_on",
    service_data: { brightness: 5 },
    target: { entity_id: ["light.a"] },
  };
  const written = { action: "{{ what }}", target: {} };
  expect(calledAction({ params }, written)?.action).toBe("light.turn_on");
  expect(calledAction({}, written)?.action).toBe("{{ what }}");
  expect(calledAction({}, {})).toBeNull();
});

test.each([
  [step("action/0", "delay", { result: { delay: 90, done: true } }), ["1m 30s"]],
  [step("action/0", "choose", { result: { choice: 1 } }), ["Option 2"]],
  [step("action/0", "if", { result: { choice: "else" } }), ["The conditions do not hold"]],
  [step("action/0", "variables", { variables: { x: 1 } }), ["x = 1"]],
  [step("action/0", "wait_template", { result: { wait: { completed: false } } }), ["Nothing happened in time"]],
  [step("action/0", "action", { result: { outcome: "accepted" } }), []],
])("the results of %j are %j", (record, lines) => {
  expect(resultLines(record)).toEqual(lines);
});

test("a run that its conditions stopped is neither a success nor a fault", () => {
  expect([verdict("finished"), verdict("failed_conditions"), verdict("error"), verdict(null)]).toEqual([
    "good",
    "quiet",
    "bad",
    "busy",
  ]);
});

test("confidence has a word for each range", () => {
  expect([0.93, 0.85, 0.7, 0.4, 0.1].map(confidenceLevel)).toEqual(["high", "high", "medium", "low", "guess"]);
});

test("a new automation is filed under its name, or the time where the name has no ASCII, and never over another", () => {
  expect(newId("Évening light!", new Set(), 7)).toBe("evening_light");
  expect(newId("傍晚", new Set(), 7)).toBe("7");
  expect(newId("A", new Set(["a", "a_2"]), 7)).toBe("a_3");
});
