// The registries as they are edited: every row with all its fields, in Home Assistant's form.
import { compareNames } from "../i18n/format";
import { listed } from "./listing.svelte";

export interface AreaRow {
  readonly area_id: string;
  readonly name: string;
  readonly floor_id: string | null;
  readonly icon: string | null;
  readonly labels: readonly string[];
  readonly aliases: readonly string[];
}

export interface FloorRow {
  readonly floor_id: string;
  readonly name: string;
  readonly level: number | null;
  readonly icon: string | null;
  readonly aliases: readonly string[];
}

export interface LabelRow {
  readonly label_id: string;
  readonly name: string;
  readonly color: string | null;
  readonly icon: string | null;
  readonly description: string | null;
}

export interface DeviceRegistryRow {
  readonly id: string;
  readonly name: string | null;
  readonly name_by_user: string | null;
  readonly area_id: string | null;
  readonly labels: readonly string[];
  readonly disabled_by: string | null;
}

export interface EntityRegistryRow {
  readonly entity_id: string;
  readonly unique_id: string;
  readonly platform: string;
  readonly config_entry_id: string | null;
  readonly name: string | null;
  readonly original_name: string | null;
  readonly icon: string | null;
  readonly area_id: string | null;
  readonly device_id: string | null;
  readonly labels: readonly string[];
  readonly entity_category: string | null;
  readonly disabled_by: string | null;
  readonly hidden_by: string | null;
}

export const areas = listed<AreaRow>("config/area_registry/list", ["area_registry_updated"]);
export const floors = listed<FloorRow>("config/floor_registry/list", ["floor_registry_updated"]);
export const labels = listed<LabelRow>("config/label_registry/list", ["label_registry_updated"]);
export const devices = listed<DeviceRegistryRow>("config/device_registry/list", ["device_registry_updated"]);
export const entities = listed<EntityRegistryRow>("config/entity_registry/list", ["entity_registry_updated"]);

/** From the ground up, as Home shows them. */
export function byLevel(rows: readonly FloorRow[]): FloorRow[] {
  return [...rows].sort((a, b) => (a.level ?? 0) - (b.level ?? 0) || compareNames(a.name, b.name));
}

export function deviceName(device: DeviceRegistryRow): string {
  return device.name_by_user ?? device.name ?? device.id;
}
