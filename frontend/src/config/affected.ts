// What hangs on an area, a floor or a label, and so changes when that is deleted.
import type { AreaRow, DeviceRegistryRow, EntityRegistryRow } from "./registries.svelte";

export interface Belongings {
  readonly areas: readonly AreaRow[];
  readonly devices: readonly DeviceRegistryRow[];
  readonly entities: readonly EntityRegistryRow[];
}

export type PlaceKind = "area" | "floor" | "label";

/** The rows that name the place themselves; an entity that is in an area by its device is not counted twice. */
export function affectedBy(kind: PlaceKind, id: string, all: Belongings): Belongings {
  if (kind === "floor")
    return { areas: all.areas.filter(({ floor_id }) => floor_id === id), devices: [], entities: [] };
  if (kind === "area") {
    const inIt = ({ area_id }: { area_id: string | null }): boolean => area_id === id;
    return { areas: [], devices: all.devices.filter(inIt), entities: all.entities.filter(inIt) };
  }
  const has = ({ labels }: { labels: readonly string[] }): boolean => labels.includes(id);
  return { areas: all.areas.filter(has), devices: all.devices.filter(has), entities: all.entities.filter(has) };
}
