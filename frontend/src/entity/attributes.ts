// Reading attributes, which may hold anything: a value of the wrong type counts as absent.
import type { Attributes } from "../live/state";

export function numberOf(attributes: Attributes, key: string): number | undefined {
  const value = attributes[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function textOf(attributes: Attributes, key: string): string | undefined {
  const value = attributes[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function textsOf(attributes: Attributes, key: string): readonly string[] {
  const value = attributes[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

export function numbersOf(attributes: Attributes, key: string): readonly number[] {
  const value = attributes[key];
  return Array.isArray(value) && value.every((item) => typeof item === "number") ? value : [];
}

/** Whether the feature bit is set; an entity that says nothing about its features has none. */
export function supports(attributes: Attributes, bit: number): boolean {
  return ((numberOf(attributes, "supported_features") ?? 0) & bit) !== 0;
}
