// Scenes are made by example: the entities are as they should be, and their states are kept.
import type { EntityState } from "../live/state";

export type Wanted = Readonly<Record<string, unknown>> & { readonly state: string };

/** What can be brought about; the rest of an entity's state only tells. */
export const SCENE_DOMAINS = [
  "climate",
  "cover",
  "fan",
  "humidifier",
  "input_boolean",
  "input_number",
  "input_select",
  "input_text",
  "light",
  "lock",
  "media_player",
  "number",
  "select",
  "switch",
  "valve",
  "water_heater",
] as const;

const KEPT = new Set([
  "away_mode",
  "brightness",
  "color_mode",
  "color_temp_kelvin",
  "current_position",
  "current_tilt_position",
  "effect",
  "fan_mode",
  "hs_color",
  "humidity",
  "is_volume_muted",
  "mode",
  "oscillating",
  "percentage",
  "preset_mode",
  "rgb_color",
  "rgbw_color",
  "rgbww_color",
  "source",
  "swing_mode",
  "target_temp_high",
  "target_temp_low",
  "temperature",
  "volume_level",
  "xy_color",
]);

/** An entity's state as it will be wanted. */
export function snapshot({ state, attributes }: EntityState): Wanted {
  const kept = Object.entries(attributes).filter(
    ([key, value]) => KEPT.has(key) && value !== null && value !== undefined,
  );
  return { ...Object.fromEntries(kept), state };
}

/** The states of a scene: those it had, and the present ones of entities that are new, or of all if they are taken anew. */
export function sceneStates(
  ids: readonly string[],
  had: Readonly<Record<string, Wanted>>,
  anew: boolean,
  stateOf: (entityId: string) => EntityState | undefined,
): Record<string, Wanted> {
  const states = ids.flatMap((id) => {
    const now = stateOf(id);
    const wanted = (anew ? undefined : had[id]) ?? (now && snapshot(now)) ?? had[id];
    return wanted === undefined ? [] : [[id, wanted] as const];
  });
  return Object.fromEntries(states);
}
