// Recorded states as what a plot, a state band, a table and a CSV file need. Times are epoch seconds.
export interface Point {
  readonly state: string;
  readonly time: number;
}

/** A row of history/history_during_period with minimal_response. */
export interface WirePoint {
  s: string;
  lu: number;
  lc?: number;
}

export interface Series {
  readonly times: number[];
  /** null: no number was known, which leaves a gap. */
  readonly values: (number | null)[];
}

export interface Band {
  readonly state: string;
  readonly from: number;
  readonly to: number;
}

const MISSING = new Set(["unavailable", "unknown", ""]);

export function pointsOf(rows: readonly WirePoint[]): Point[] {
  return rows.map(({ s, lu, lc }) => ({ state: s, time: lc ?? lu }));
}

/** Add a live state; one that is no newer than the last is already there. */
export function appended(points: readonly Point[], point: Point): readonly Point[] {
  const last = points.at(-1);
  return last !== undefined && point.time <= last.time ? points : [...points, point];
}

export function isNumeric(points: readonly Point[]): boolean {
  const known = points.filter(({ state }) => !MISSING.has(state));
  return known.length > 0 && known.every(({ state }) => Number.isFinite(Number(state)));
}

/** The states within a window, starting with the one that was in force when it began. */
export function within(points: readonly Point[], start: number, end: number): Point[] {
  const before = points.filter(({ time }) => time <= start).at(-1);
  const inside = points.filter(({ time }) => time > start && time <= end);
  return before === undefined ? inside : [{ state: before.state, time: start }, ...inside];
}

/** A numeric history as a line that lasts until `end`, with at most about `most` points: each bucket keeps its extremes. */
export function series(points: readonly Point[], end: number, most = 2_000): Series {
  const thinned = points.length > most ? extremes(points, most) : points;
  const last = thinned.at(-1);
  const all = last !== undefined && last.time < end ? [...thinned, { state: last.state, time: end }] : thinned;
  return { times: all.map(({ time }) => time), values: all.map(({ state }) => numeric(state)) };
}

function numeric(state: string): number | null {
  const value = MISSING.has(state) ? NaN : Number(state);
  return Number.isFinite(value) ? value : null;
}

function extremes(points: readonly Point[], most: number): Point[] {
  const size = Math.ceil(points.length / (most / 2));
  const kept: Point[] = [];
  for (let from = 0; from < points.length; from += size) kept.push(...lowAndHigh(points.slice(from, from + size)));
  return kept;
}

function lowAndHigh(bucket: readonly Point[]): Point[] {
  const value = ({ state }: Point): number => numeric(state) ?? 0;
  const low = bucket.reduce((best, point) => (value(point) < value(best) ? point : best));
  const high = bucket.reduce((best, point) => (value(point) > value(best) ? point : best));
  return low === high ? [low] : [low, high].sort((a, b) => a.time - b.time);
}

/** A history of words as bands that touch. Bands too short to be seen are merged into the one before. */
export function bands(points: readonly Point[], end: number, shortest = 0): Band[] {
  const found: Band[] = [];
  for (const [index, { state, time }] of points.entries()) {
    const to = points[index + 1]?.time ?? end;
    const last = found.at(-1);
    if (last !== undefined && (last.state === state || to - time < shortest)) found[found.length - 1] = { ...last, to };
    else found.push({ state, from: time, to });
  }
  return found;
}

/** Seconds spent in each state, the longest first. */
export function totals(points: readonly Point[], end: number): [state: string, seconds: number][] {
  const sums = new Map<string, number>();
  for (const { state, from, to } of bands(points, end)) sums.set(state, (sums.get(state) ?? 0) + to - from);
  return [...sums].sort(([, a], [, b]) => b - a);
}

export interface Extent {
  readonly low: number;
  readonly high: number;
  /** Weighted by how long each value held. */
  readonly mean: number;
}

export function extent(points: readonly Point[], end: number): Extent | null {
  let weight = 0;
  let sum = 0;
  const values: number[] = [];
  for (const [index, { state, time }] of points.entries()) {
    const value = numeric(state);
    if (value === null) continue;
    const held = (points[index + 1]?.time ?? end) - time;
    values.push(value);
    weight += held;
    sum += value * held;
  }
  if (values.length === 0) return null;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return { low, high, mean: weight > 0 ? sum / weight : values[0]! };
}

/** RFC 4180, times in ISO 8601. A cell that a spreadsheet would run as a formula is made text. */
export function csv(points: readonly Point[], header: readonly [string, string]): string {
  const rows = points.map(({ state, time }) => [new Date(time * 1000).toISOString(), state]);
  return [header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(text: string): string {
  const isNumber = text !== "" && Number.isFinite(Number(text));
  const safe = /^[=+\-@\t\r]/.test(text) && !isNumber ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
