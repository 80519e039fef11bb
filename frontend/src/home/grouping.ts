// The home as Home shows it: floors from the ground up, areas in the order of their making, entities by what they are.
import { compareNames } from "../i18n/format";
import { entityOrder } from "../entity/order";
import type { Area, EntityInfo, Floor, Overview } from "./overview.svelte";

export interface AreaSection {
  readonly key: string;
  /** null: entities that are in no area. */
  readonly area: Area | null;
  readonly entities: readonly EntityInfo[];
}

export interface FloorGroup {
  readonly key: string;
  /** null: areas that are on no floor. */
  readonly floor: Floor | null;
  readonly sections: readonly AreaSection[];
}

/** Entities of these kinds have a page of their own. */
const ELSEWHERE = ["automation.", "update.", "zone.", "device_tracker.", "notify."];

export function isOnHome({ hidden, category, entity_id }: EntityInfo): boolean {
  return !hidden && category === null && !ELSEWHERE.some((prefix) => entity_id.startsWith(prefix));
}

/** Group the entities that Home shows; empty areas and floors are left out. */
export function grouped(overview: Overview): FloorGroup[] {
  const floors = [...overview.floors].sort((a, b) => (a.level ?? 0) - (b.level ?? 0) || compareNames(a.name, b.name));
  const groups = [...floors, null].map((floor) => ({
    key: floor?.floor_id ?? "",
    floor,
    sections: sectionsOf(overview, floor),
  }));
  return groups.filter(({ sections }) => sections.length > 0);
}

function sectionsOf(overview: Overview, floor: Floor | null): AreaSection[] {
  const areas = overview.areas.filter((area) => (area.floor_id ?? null) === (floor?.floor_id ?? null));
  const homeless = floor === null ? [null] : [];
  return [...areas, ...homeless]
    .map((area) => ({ key: area?.area_id ?? "", area, entities: entitiesOf(overview, area) }))
    .filter(({ entities }) => entities.length > 0);
}

function entitiesOf(overview: Overview, area: Area | null): EntityInfo[] {
  return overview.entities
    .filter((entity) => isOnHome(entity) && (entity.area_id ?? null) === (area?.area_id ?? null))
    .sort((a, b) => entityOrder(a) - entityOrder(b) || compareNames(a.name ?? "", b.name ?? ""));
}
