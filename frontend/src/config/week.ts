// A week of blocks of time, as a schedule keeps it and as its grid draws it. Times are minutes of the day, 0 to 1440.
export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Day = (typeof DAYS)[number];

export interface Block {
  readonly from: number;
  readonly to: number;
  /** What the schedule's attributes show during the block. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export type Week = Readonly<Record<Day, readonly Block[]>>;

export interface WireBlock {
  from: string;
  to: string;
  data?: Readonly<Record<string, unknown>>;
}

export const WHOLE_DAY = 24 * 60;
const STEP = 15;

export const EMPTY_WEEK = Object.fromEntries(DAYS.map((day) => [day, []])) as unknown as Week;

export function weekOf(item: Readonly<Record<string, unknown>>): Week {
  const days = DAYS.map((day) => [day, ((item[day] as WireBlock[] | undefined) ?? []).map(blockOf)] as const);
  return Object.fromEntries(days) as unknown as Week;
}

export function wireOf(week: Week): Record<Day, WireBlock[]> {
  const days = DAYS.map((day) => [day, week[day].map(wireBlock)] as const);
  return Object.fromEntries(days) as Record<Day, WireBlock[]>;
}

function blockOf({ from, to, data }: WireBlock): Block {
  return { from: minutesOf(from), to: minutesOf(to), ...(data && { data }) };
}

function wireBlock({ from, to, data }: Block): WireBlock {
  return { from: `${clockText(from)}:00`, to: `${clockText(to)}:00`, ...(data && { data }) };
}

/** "07:30" or "07:30:00" in minutes; the last second of the day counts as its end. */
export function minutesOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  return seconds > 0 && hours === 23 && minutes === 59 ? WHOLE_DAY : hours * 60 + minutes;
}

/** "07:30", and "24:00" for the end of the day. */
export function clockText(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** The nearest quarter of an hour. */
export function snapped(minutes: number): number {
  return Math.min(WHOLE_DAY, Math.max(0, Math.round(minutes / STEP) * STEP));
}

/** The day with one block more. What it overlaps or touches, and says the same, becomes one with it. */
export function added(blocks: readonly Block[], block: Block): readonly Block[] {
  if (block.to <= block.from) return blocks;
  const joined = blocks.filter((other) => other.from <= block.to && other.to >= block.from && sameData(other, block));
  const all = [block, ...joined];
  const whole = { ...block, from: Math.min(...all.map(({ from }) => from)), to: Math.max(...all.map(({ to }) => to)) };
  const rest = blocks.filter((other) => !joined.includes(other)).flatMap((other) => without(other, whole));
  return [...rest, whole].sort((a, b) => a.from - b.from);
}

export function removed(blocks: readonly Block[], block: Block): readonly Block[] {
  return blocks.filter((other) => other !== block);
}

export function changed(blocks: readonly Block[], block: Block, to: Block): readonly Block[] {
  return to.to <= to.from ? blocks : added(removed(blocks, block), to);
}

/** What is left of a block outside another. */
function without(block: Block, { from, to }: Block): Block[] {
  const parts = [
    { ...block, to: Math.min(block.to, from) },
    { ...block, from: Math.max(block.from, to) },
  ];
  return parts.filter((part) => part.to > part.from);
}

function sameData(a: Block, b: Block): boolean {
  return JSON.stringify(a.data ?? {}) === JSON.stringify(b.data ?? {});
}
