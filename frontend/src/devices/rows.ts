// Devices as the table shows them: with their area, their entities, and the state that says most about them.
import { entityOrder } from "../entity/order";
import { fullName } from "../entity/names";
import { compareNames } from "../i18n/format";
import { domainOf } from "../live/state";
import type { Area, Device, EntityInfo, Overview } from "../home/overview.svelte";

export interface DeviceRow {
  readonly device: Device;
  readonly area: Area | null;
  /** What one uses or reads first, settings and diagnostics last. */
  readonly entities: readonly EntityInfo[];
}

export interface AreaRows {
  readonly area: Area | null;
  readonly rows: readonly DeviceRow[];
}

/** Devices by area, and by name within; devices without an area come last. */
export function deviceRows(overview: Overview): AreaRows[] {
  return [...overview.areas, null]
    .map((area) => ({ area, rows: rowsOf(overview, area) }))
    .filter(({ rows }) => rows.length > 0);
}

function rowsOf(overview: Overview, area: Area | null): DeviceRow[] {
  return overview.devices
    .filter((device) => (device.area_id ?? null) === (area?.area_id ?? null))
    .sort((a, b) => compareNames(a.name, b.name))
    .map((device) => ({ device, area, entities: entitiesOf(overview, device) }));
}

function entitiesOf(overview: Overview, device: Device): EntityInfo[] {
  return overview.entities
    .filter(({ device_id, hidden }) => device_id === device.id && !hidden)
    .sort((a, b) => rank(a) - rank(b) || entityOrder(a) - entityOrder(b) || compareNames(a.entity_id, b.entity_id));
}

function rank({ category }: EntityInfo): number {
  return category === null ? 0 : 1;
}

/** The entities that say most about a device: at most two, of those that are what it is for. */
export function telling({ entities }: DeviceRow): readonly EntityInfo[] {
  const main = entities.filter((entity) => rank(entity) === 0 && !SILENT.has(domainOf(entity.entity_id)));
  return (main.length > 0 ? main : entities).slice(0, 2);
}

const SILENT = new Set(["button", "camera", "image", "number", "select", "text", "update"]);

/** "Porch lamp battery" of the device Porch lamp is "Battery". */
export function entityLabel(entity: EntityInfo, device: Device): string {
  const name = fullName(entity, device, entity.entity_id);
  const rest = name.startsWith(device.name) ? name.slice(device.name.length).trim() : name;
  return rest === "" ? name : rest.charAt(0).toLocaleUpperCase() + rest.slice(1);
}
