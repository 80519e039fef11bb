import { describe, expect, test } from "vitest";

import { applyEvent } from "../src/live/diff";
import type { EntityState } from "../src/live/state";

const LIGHT = "light.kitchen_lights";

function withLight(): Map<string, EntityState> {
  const states = new Map<string, EntityState>();
  applyEvent(states, {
    a: {
      [LIGHT]: {
        s: "on",
        a: { color_mode: "hs", brightness: 77, friendly_name: "Kitchen Lights" },
        c: { id: "01A", parent_id: null, user_id: "u1" },
        lc: 1795325388.66,
      },
    },
  });
  return states;
}

describe("added entities", () => {
  test("take the time of the change as the time of the update where none is given", () => {
    const state = withLight().get(LIGHT)!;
    expect(state.state).toBe("on");
    expect(state.lastUpdated).toBe(1795325388.66);
    expect(state.context.user_id).toBe("u1");
  });

  test("have a context without a user where only its id is given", () => {
    const states = new Map<string, EntityState>();
    applyEvent(states, { a: { "sensor.a": { s: "1", a: {}, c: "01B", lc: 1, lu: 2 } } });
    expect(states.get("sensor.a")!.context).toEqual({ id: "01B", parent_id: null, user_id: null });
    expect(states.get("sensor.a")!.lastUpdated).toBe(2);
  });
});

describe("changed entities", () => {
  test("keep what the change does not mention", () => {
    const states = withLight();
    const touched = applyEvent(states, {
      c: { [LIGHT]: { "+": { s: "off", lc: 1795325389.9, c: "01C", a: { color_mode: null, brightness: null } } } },
    });
    const state = states.get(LIGHT)!;
    expect(touched).toEqual([LIGHT]);
    expect(state.state).toBe("off");
    expect(state.attributes).toEqual({ color_mode: null, brightness: null, friendly_name: "Kitchen Lights" });
    expect(state.context).toEqual({ id: "01C", parent_id: null, user_id: "u1" });
    expect([state.lastChanged, state.lastUpdated]).toEqual([1795325389.9, 1795325389.9]);
  });

  test("lose the attributes that are taken away", () => {
    const states = withLight();
    applyEvent(states, { c: { [LIGHT]: { "+": { lu: 1795325390 }, "-": { a: ["brightness"] } } } });
    expect(states.get(LIGHT)!.attributes).not.toHaveProperty("brightness");
    expect(states.get(LIGHT)!.lastChanged).toBe(1795325388.66);
    expect(states.get(LIGHT)!.lastUpdated).toBe(1795325390);
  });

  test("keep the same attributes object where no attribute changed", () => {
    const states = withLight();
    const before = states.get(LIGHT)!.attributes;
    applyEvent(states, { c: { [LIGHT]: { "+": { s: "off", lc: 2 } } } });
    expect(states.get(LIGHT)!.attributes).toBe(before);
  });

  test("that are not known are left alone", () => {
    const states = withLight();
    expect(applyEvent(states, { c: { "light.unknown": { "+": { s: "on" } } } })).toEqual([]);
  });
});

test("removed entities are gone and count as touched", () => {
  const states = withLight();
  expect(applyEvent(states, { r: [LIGHT, "light.unknown"] })).toEqual([LIGHT]);
  expect(states.size).toBe(0);
});
