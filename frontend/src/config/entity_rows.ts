// Entities as their list shows them: named, narrowed down by what is typed and by how they are.
import { matches } from "../home/filter";
import { compareNames } from "../i18n/format";
import type { EntityState } from "../live/state";
import type { EntityRegistryRow } from "./registries.svelte";

export const CONDITIONS = ["all", "shown", "hidden", "disabled", "leftOver"] as const;
export type Condition = (typeof CONDITIONS)[number];

export interface NamedEntity {
  readonly row: EntityRegistryRow;
  readonly name: string;
  readonly device: string;
  readonly area: string;
}

export function entityName({ name, original_name, entity_id }: EntityRegistryRow): string {
  return name ?? original_name ?? entity_id;
}

/** Whether nothing provides the entity any more: its last state was put back at a start and nobody has taken it over. */
export function isLeftOver({ disabled_by }: EntityRegistryRow, state: EntityState | undefined): boolean {
  return disabled_by === null && state !== undefined && state.attributes["restored"] === true;
}

export function is(condition: Condition, row: EntityRegistryRow, state: EntityState | undefined): boolean {
  if (condition === "all") return true;
  if (condition === "disabled") return row.disabled_by !== null;
  if (condition === "hidden") return row.hidden_by !== null;
  if (condition === "leftOver") return isLeftOver(row, state);
  return row.disabled_by === null && row.hidden_by === null;
}

export function found(query: string, { row, name, device, area }: NamedEntity): boolean {
  return query === "" || matches(query, name, device, area, row.entity_id, row.platform);
}

export function byName(a: NamedEntity, b: NamedEntity): number {
  return compareNames(a.name, b.name) || compareNames(a.row.entity_id, b.row.entity_id);
}
