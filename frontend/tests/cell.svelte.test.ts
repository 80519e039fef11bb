import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Cell } from "../src/live/cell.svelte";
import { fulfils } from "../src/live/expectation";
import type { EntityState } from "../src/live/state";

function light(state: string, attributes: Record<string, unknown> = {}): EntityState {
  const context = { id: "c", parent_id: null, user_id: null };
  return { entityId: "light.a", state, attributes, context, lastChanged: 1, lastUpdated: 1 };
}

function cellThatIs(state: string, attributes?: Record<string, unknown>): Cell {
  const cell = new Cell();
  cell.report(light(state, attributes));
  return cell;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("an action shows at once and is met when the device reports it", async () => {
  const cell = cellThatIs("off");
  const pending = cell.expect({ state: "on" });
  expect(cell.state?.state).toBe("on");
  cell.report(light("on"));
  expect(await pending.outcome).toBe("met");
  expect(cell.state?.state).toBe("on");
});

test("an action that changes nothing is met when the hub has done it", async () => {
  const cell = cellThatIs("on");
  const pending = cell.expect({ state: "on" });
  pending.acknowledge();
  expect(await pending.outcome).toBe("met");
});

test("the ring comes after 300 ms and goes with the outcome", () => {
  const cell = cellThatIs("off");
  cell.expect({ state: "on" });
  vi.advanceTimersByTime(299);
  expect(cell.slow).toBe(false);
  vi.advanceTimersByTime(1);
  expect(cell.slow).toBe(true);
  cell.report(light("on"));
  expect(cell.slow).toBe(false);
});

test("without confirmation the state rolls back after five seconds", async () => {
  const cell = cellThatIs("off");
  const pending = cell.expect({ state: "on" });
  pending.acknowledge();
  vi.advanceTimersByTime(5_000);
  expect(await pending.outcome).toBe("unconfirmed");
  expect(cell.state?.state).toBe("off");
});

test("a refusal rolls back at once", async () => {
  const cell = cellThatIs("off");
  const pending = cell.expect({ state: "on" });
  pending.finish("failed");
  expect(await pending.outcome).toBe("failed");
  expect(cell.state?.state).toBe("off");
});

test("a device that answers with something else is believed a second later", async () => {
  const cell = cellThatIs("off");
  const pending = cell.expect({ state: "on", attributes: { brightness: 200 } });
  pending.acknowledge();
  cell.report(light("on", { brightness: 120 }));
  expect(cell.state?.attributes["brightness"]).toBe(200);
  vi.advanceTimersByTime(1_000);
  expect(await pending.outcome).toBe("met");
  expect(cell.state?.attributes["brightness"]).toBe(120);
});

test("a newer action replaces the one before, whose end then changes nothing", async () => {
  const cell = cellThatIs("off");
  const first = cell.expect({ state: "on" });
  cell.expect({ state: "off" });
  expect(await first.outcome).toBe("superseded");
  first.finish("failed");
  expect(cell.state?.state).toBe("off");
  vi.advanceTimersByTime(300);
  expect(cell.slow).toBe(true);
});

test("an action of which nothing is expected ends when the hub has done it", async () => {
  const cell = cellThatIs("unknown");
  const pending = cell.expect(null);
  pending.acknowledge();
  expect(await pending.outcome).toBe("met");
});

test.each([
  [{ attributes: { brightness: 128 } }, { brightness: 127 }, true],
  [{ attributes: { brightness: 128 } }, { brightness: 90 }, false],
  [{ attributes: { temperature: 21 } }, { temperature: 21.5 }, false],
  [{ attributes: { hs_color: [345, 75] } }, { hs_color: [344.8, 74.9] }, true],
  [{ attributes: { hs_color: [345, 75] } }, { hs_color: null }, false],
  [{ attributes: { preset_mode: "eco" } }, { preset_mode: "eco" }, true],
])("devices may round: %j against %j is %s", (wish, attributes, met) => {
  expect(fulfils(light("on", attributes), wish)).toBe(met);
});

test("numbers given as text are compared as numbers", () => {
  expect(fulfils(light("21.0"), { state: "21" })).toBe(true);
  expect(fulfils(light("on"), { state: "21" })).toBe(false);
});
