import { describe, expect, test } from "vitest";

import { rangeOf, shown } from "../src/history/range";
import {
  appended,
  bands,
  csv,
  extent,
  isNumeric,
  type Point,
  pointsOf,
  series,
  totals,
  within,
} from "../src/history/shape";

function points(...pairs: [number, string][]): Point[] {
  return pairs.map(([time, state]) => ({ time, state }));
}

test("recorded rows give their change where it differs from their update", () => {
  expect(
    pointsOf([
      { s: "1", lu: 5 },
      { s: "2", lu: 9, lc: 7 },
    ]),
  ).toEqual(points([5, "1"], [7, "2"]));
});

test("a window starts with the state that was in force", () => {
  expect(within(points([1, "a"], [5, "b"], [9, "c"]), 3, 8)).toEqual(points([3, "a"], [5, "b"]));
  expect(within(points([5, "b"]), 3, 8)).toEqual(points([5, "b"]));
});

test("live states continue the history, and those that are in it already do not", () => {
  const past = points([1, "a"]);
  expect(appended(past, { time: 2, state: "b" })).toEqual(points([1, "a"], [2, "b"]));
  expect(appended(past, { time: 1, state: "a" })).toBe(past);
});

test("a history is numeric if all that is known of it is a number", () => {
  expect(isNumeric(points([1, "20.5"], [2, "unavailable"], [3, "21"]))).toBe(true);
  expect(isNumeric(points([1, "on"], [2, "5"]))).toBe(false);
  expect(isNumeric(points([1, "unknown"]))).toBe(false);
});

describe("a line", () => {
  test("lasts until the end and has a gap where nothing was known", () => {
    expect(series(points([1, "2"], [2, "unavailable"], [3, "4"]), 10)).toEqual({
      times: [1, 2, 3, 10],
      values: [2, null, 4, 4],
    });
  });

  test("of very many points keeps its extremes", () => {
    const many = Array.from({ length: 50_000 }, (_, time) => ({
      time,
      state: String(time === 31_337 ? 99 : time % 7),
    }));
    const { times, values } = series(many, 50_000, 2_000);
    expect(times.length).toBeLessThan(2_100);
    expect(Math.max(...values.map(Number))).toBe(99);
    expect(Math.min(...values.map(Number))).toBe(0);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe("bands", () => {
  test("touch one another and end at the end", () => {
    expect(bands(points([0, "off"], [4, "on"], [6, "off"]), 10)).toEqual([
      { state: "off", from: 0, to: 4 },
      { state: "on", from: 4, to: 6 },
      { state: "off", from: 6, to: 10 },
    ]);
  });

  test("that could not be seen are merged into the one before", () => {
    expect(bands(points([0, "off"], [4, "on"], [4.01, "off"]), 10, 0.5)).toEqual([{ state: "off", from: 0, to: 10 }]);
  });

  test("add up to how long each state lasted, the longest first", () => {
    expect(totals(points([0, "on"], [1, "off"], [5, "on"]), 7)).toEqual([
      ["off", 4],
      ["on", 3],
    ]);
  });
});

test("the average weighs each value by how long it held", () => {
  expect(extent(points([0, "10"], [9, "20"]), 10)).toEqual({ low: 10, high: 20, mean: 11 });
  expect(extent(points([0, "unknown"]), 10)).toBeNull();
});

test("a CSV file quotes what needs it and holds no formula", () => {
  const text = csv(points([0, 'say "hi", now'], [1, "=1+1"], [2, "-4.5"]), ["time", "text.display"]);
  expect(text.split("\r\n")).toEqual([
    "time,text.display",
    '1970-01-01T00:00:00.000Z,"say ""hi"", now"',
    "1970-01-01T00:00:01.000Z,'=1+1",
    "1970-01-01T00:00:02.000Z,-4.5",
    "",
  ]);
});

test("a range that nobody offers is a day", () => {
  expect([rangeOf("1w"), rangeOf("5y"), rangeOf(null)]).toEqual(["1w", "1d", "1d"]);
});

test("a past shorter than an hour is shown in an hour, unless a range was chosen", () => {
  const now = 1_000_000;
  expect(shown(null, now - 60, now)).toBe("1h");
  expect(shown(null, now - 4_000, now)).toBe("1d");
  expect(shown(null, undefined, now)).toBe("1d");
  expect(shown("1w", now - 60, now)).toBe("1w");
});
