// What an action is expected to bring about, shown at once and compared with what the device then reports.
import type { EntityState } from "./state";

export interface Expectation {
  readonly state?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

const RELATIVE_TOLERANCE = 0.02;
const ABSOLUTE_TOLERANCE = 0.01;

/** The state as it will be if the expectation comes true. */
export function expected(before: EntityState | undefined, wish: Expectation): EntityState | undefined {
  if (before === undefined) return undefined;
  const attributes = { ...before.attributes, ...wish.attributes };
  return { ...before, state: wish.state ?? before.state, attributes };
}

/** Whether a reported state is what was expected; devices round numbers. */
export function fulfils(reported: EntityState | undefined, wish: Expectation): boolean {
  if (reported === undefined) return false;
  if (wish.state !== undefined && !alike(reported.state, wish.state)) return false;
  return Object.entries(wish.attributes ?? {}).every(([key, value]) => alike(reported.attributes[key], value));
}

function alike(actual: unknown, wished: unknown): boolean {
  if (Array.isArray(actual) && Array.isArray(wished)) {
    return actual.length === wished.length && wished.every((item, index) => alike(actual[index], item));
  }
  if (isNumeric(actual) && isNumeric(wished)) return near(Number(actual), Number(wished));
  return actual === wished;
}

function near(actual: number, wished: number): boolean {
  return Math.abs(actual - wished) <= Math.abs(wished) * RELATIVE_TOLERANCE + ABSOLUTE_TOLERANCE;
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && value !== "" && Number.isFinite(Number(value)));
}
