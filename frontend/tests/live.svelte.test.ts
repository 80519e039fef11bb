import { flushSync } from "svelte";
import { expect, test } from "vitest";

import type { EntityEvent } from "../src/live/diff";
import { LiveStates } from "../src/live/live.svelte";

function added(id: string, s: string): EntityEvent {
  return { a: { [id]: { s, a: {}, c: "c", lc: 1 } } };
}

function changed(id: string, s: string): EntityEvent {
  return { c: { [id]: { "+": { s, lc: 2 } } } };
}

/** A store whose animation frames come when the test says so. */
function manual(): { live: LiveStates; frame: () => void; asked: () => number } {
  let waiting: (() => void) | null = null;
  let asked = 0;
  const live = new LiveStates((flush) => {
    waiting = flush;
    return ++asked;
  });
  return { live, frame: () => waiting?.(), asked: () => asked };
}

/** Run an effect now and whenever what it read changes. */
function following(effect: () => void): () => void {
  const stop = $effect.root(() => {
    $effect(effect);
  });
  flushSync();
  return stop;
}

test("events wait for one frame, and each touched entity is told once", () => {
  const { live, frame, asked } = manual();
  const seen: (string | undefined)[] = [];
  live.cell("sensor.a");
  const stop = following(() => seen.push(live.cell("sensor.a").state?.state));
  live.take(added("sensor.a", "1"));
  live.take(changed("sensor.a", "2"));
  live.take(changed("sensor.a", "3"));
  expect(live.cell("sensor.a").state).toBeUndefined();
  expect(asked()).toBe(1);
  frame();
  flushSync();
  expect(seen).toEqual([undefined, "3"]);
  stop();
});

test("a snapshot forgets the entities that it should hold and does not", () => {
  const { live, frame } = manual();
  live.take(added("sensor.a", "1"));
  live.take(added("sensor.b", "1"));
  frame();
  live.take(added("sensor.a", "2"), ["sensor.a", "sensor.b"]);
  frame();
  expect(live.cell("sensor.a").state?.state).toBe("2");
  expect(live.cell("sensor.b").state).toBeUndefined();
});

test("a change of one entity does not tell another", () => {
  const { live, frame } = manual();
  live.take({ ...added("sensor.a", "1") });
  live.take({ ...added("sensor.b", "1") });
  frame();
  let runs = 0;
  live.cell("sensor.b");
  const stop = following(() => {
    void live.cell("sensor.b").state;
    runs += 1;
  });
  live.take(changed("sensor.a", "2"));
  frame();
  flushSync();
  expect(runs).toBe(1);
  stop();
});

test("whoever asks first for an entity hears of it too", async () => {
  const { live, frame } = manual();
  const seen: (string | undefined)[] = [];
  const stop = following(() => seen.push(live.cell("sensor.new").state?.state));
  await Promise.resolve();
  flushSync();
  live.take(added("sensor.new", "1"));
  frame();
  flushSync();
  expect(seen.at(-1)).toBe("1");
  stop();
});
