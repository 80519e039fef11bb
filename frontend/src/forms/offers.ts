// What a picker offers: the entities, areas, floors and devices of the home.
import { fullName } from "../entity/names";
import { compareNames } from "../i18n/format";
import type { EntityInfo, Overview } from "../home/overview.svelte";
import { domainOf } from "../live/state";
import type { ComboboxOption } from "../ui/Combobox.svelte";
import type { EntityFilter } from "./schema";

/** Entities that pass one of the filters; `classOf` tells an entity's device class, undefined while it is not known. */
export function entityOffers(
  overview: Overview,
  filters: readonly EntityFilter[],
  classOf: (entityId: string) => string | undefined,
): ComboboxOption[] {
  const areas = new Map(overview.areas.map(({ area_id, name }) => [area_id, name]));
  const devices = new Map(overview.devices.map((device) => [device.id, device]));
  return overview.entities
    .filter((entity) => !entity.hidden && filters.some((filter) => passes(entity, filter, classOf)))
    .map((entity) => ({
      value: entity.entity_id,
      label: fullName(entity, devices.get(entity.device_id ?? ""), entity.entity_id),
      detail: areas.get(entity.area_id ?? "") ?? entity.entity_id,
    }))
    .sort((a, b) => compareNames(a.label, b.label));
}

function passes(entity: EntityInfo, filter: EntityFilter, classOf: (entityId: string) => string | undefined): boolean {
  const { domains, deviceClasses, integration } = filter;
  if (domains.length > 0 && !domains.includes(domainOf(entity.entity_id))) return false;
  if (integration !== null && entity.integration !== integration) return false;
  return deviceClasses.length === 0 || deviceClasses.includes(classOf(entity.entity_id) ?? "");
}

export function placeOffers(overview: Overview, kind: "area" | "floor" | "device"): ComboboxOption[] {
  if (kind === "area") return overview.areas.map(({ area_id, name }) => ({ value: area_id, label: name }));
  if (kind === "floor") return overview.floors.map(({ floor_id, name }) => ({ value: floor_id, label: name }));
  return overview.devices.map(({ id, name, model }) => ({ value: id, label: name, ...(model && { detail: model }) }));
}
