import { describe, expect, test } from "vitest";

import { added, type Block, changed, clockText, minutesOf, snapped, weekOf, wireOf } from "../src/config/week";

const H = 60;

function spans(blocks: readonly Block[]): string[] {
  return blocks.map(({ from, to }) => `${clockText(from)}-${clockText(to)}`);
}

describe("a day", () => {
  const day = [
    { from: 8 * H, to: 12 * H },
    { from: 13 * H, to: 17 * H },
  ];

  test.each([
    ["keeps its order", { from: 6 * H, to: 7 * H }, ["06:00-07:00", "08:00-12:00", "13:00-17:00"]],
    ["joins what overlaps", { from: 11 * H, to: 14 * H }, ["08:00-17:00"]],
    ["joins what touches", { from: 12 * H, to: 13 * H }, ["08:00-17:00"]],
    ["is not changed by a block without length", { from: 9 * H, to: 9 * H }, ["08:00-12:00", "13:00-17:00"]],
  ])("%s", (_, block, expected) => {
    expect(spans(added(day, block))).toEqual(expected);
  });

  test("keeps blocks apart that say different things: the new one has its time", () => {
    const warm = { from: 10 * H, to: 14 * H, data: { warm: true } };
    expect(spans(added(day, warm))).toEqual(["08:00-10:00", "10:00-14:00", "14:00-17:00"]);
  });

  test("keeps a block that would end before it begins", () => {
    expect(changed(day, day[0]!, { from: 12 * H, to: 11 * H })).toBe(day);
  });
});

test("a week survives its way to the hub and back, to the end of the day", () => {
  const item = { monday: [{ from: "08:00:00", to: "24:00:00", data: { mode: "warm" } }], tuesday: [] };
  expect(wireOf(weekOf(item)).monday).toEqual(item.monday);
  expect(wireOf(weekOf(item)).sunday).toEqual([]);
});

test("times are read and snapped to quarters of an hour", () => {
  expect([minutesOf("07:30"), minutesOf("07:30:00"), minutesOf("23:59:59")]).toEqual([450, 450, 1440]);
  expect([snapped(452), snapped(-5), snapped(1500)]).toEqual([450, 0, 1440]);
});
