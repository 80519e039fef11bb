// What is going on in the home at a glance; each count also works as a filter.
import { textOf } from "../entity/attributes";
import type { PluralKey } from "../i18n/messages.svelte";
import { domainOf, type EntityState } from "../live/state";

export interface Summary {
  readonly key: "lights" | "openings" | "unlocked" | "motion" | "playing" | "unavailable";
  readonly label: PluralKey;
  readonly covers: (state: EntityState) => boolean;
}

const OPENINGS = new Set(["door", "garage_door", "opening", "window"]);
const MOVEMENT = new Set(["motion", "moving", "occupancy", "presence"]);

export const SUMMARIES: readonly Summary[] = [
  {
    key: "lights",
    label: "summary.lights",
    covers: (state) => domainOf(state.entityId) === "light" && state.state === "on",
  },
  { key: "openings", label: "summary.openings", covers: (state) => isBinaryOf(state, OPENINGS) },
  {
    key: "unlocked",
    label: "summary.unlocked",
    covers: (state) => domainOf(state.entityId) === "lock" && ["unlocked", "unlocking", "open"].includes(state.state),
  },
  { key: "motion", label: "summary.motion", covers: (state) => isBinaryOf(state, MOVEMENT) },
  {
    key: "playing",
    label: "summary.playing",
    covers: (state) => domainOf(state.entityId) === "media_player" && state.state === "playing",
  },
  { key: "unavailable", label: "summary.unavailable", covers: (state) => state.state === "unavailable" },
];

function isBinaryOf(state: EntityState, kinds: ReadonlySet<string>): boolean {
  const kind = textOf(state.attributes, "device_class") ?? "";
  return domainOf(state.entityId) === "binary_sensor" && state.state === "on" && kinds.has(kind);
}
