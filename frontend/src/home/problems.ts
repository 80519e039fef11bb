// What needs somebody's attention: devices that are gone, integrations that failed.
import type { Integration } from "../devices/integrations.svelte";
import type { EntityState } from "../live/state";
import type { Device, Overview } from "./overview.svelte";

/** Devices of which every known entity is unavailable. */
export function missingDevices(overview: Overview, stateOf: (entityId: string) => EntityState | undefined): Device[] {
  const missing = new Map<string, boolean>();
  for (const { device_id, entity_id } of overview.entities) {
    const state = stateOf(entity_id)?.state;
    if (device_id === null || state === undefined) continue;
    missing.set(device_id, (missing.get(device_id) ?? true) && state === "unavailable");
  }
  return overview.devices.filter(({ id }) => missing.get(id) === true);
}

export function failing(integrations: readonly Integration[]): Integration[] {
  return integrations.filter(({ status, connected }) => isFailure(status) || connected === false);
}

export function isFailure(status: string): boolean {
  return !["loaded", "not_configured", "starting", "disabled"].includes(status);
}
