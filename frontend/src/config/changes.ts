// Changes to the registries, each of which can be taken back.
import { edits } from "../app/edits.svelte";
import { t } from "../i18n/messages.svelte";
import { hub } from "../net/hub.svelte";
import type { Belongings, PlaceKind } from "./affected";
import type { AreaRow, DeviceRegistryRow, EntityRegistryRow, FloorRow, LabelRow } from "./registries.svelte";

type Changes = Readonly<Record<string, unknown>>;
type RegistryKind = PlaceKind | "device" | "entity";
type Row = AreaRow | FloorRow | LabelRow | DeviceRegistryRow | EntityRegistryRow;

/** Change fields of a row; taking it back restores those fields alone. */
export function change(kind: RegistryKind, row: Row, name: string, changes: Changes): Promise<boolean> {
  const id = idOf(kind, row);
  const { new_entity_id, ...fields } = changes;
  const earlier = Object.fromEntries(Object.keys(fields).map((key) => [key, fieldsOf(row)[key] ?? null]));
  const renamed = typeof new_entity_id === "string" ? { new_entity_id: id } : {};
  return edits.make({
    name,
    text: t("edit.changed", { name }),
    change: () => update(kind, id, changes),
    undo: () => update(kind, typeof new_entity_id === "string" ? new_entity_id : id, { ...earlier, ...renamed }),
  });
}

/** Make an area, a floor or a label; taking it back deletes it again. */
export function create(kind: PlaceKind, values: Changes & { name: string }): Promise<boolean> {
  return edits.make({
    name: values.name,
    text: t("edit.created", { name: values.name }),
    change: () => add(kind, values),
    undo: (id) => hub.act({ type: `config/${kind}_registry/delete`, [`${kind}_id`]: id }),
  });
}

/** Delete an area, a floor or a label; taking it back puts what was in it there again. */
export function remove(kind: PlaceKind, row: AreaRow | FloorRow | LabelRow, inIt: Belongings): Promise<boolean> {
  const id = idOf(kind, row);
  return edits.make({
    name: row.name,
    text: t("edit.deleted", { name: row.name }),
    change: () => hub.act({ type: `config/${kind}_registry/delete`, [`${kind}_id`]: id }),
    undo: async () => putBack(kind, await add(kind, valuesOf(kind, row)), id, inIt),
  });
}

/** Remove an entity that nothing provides any more. It cannot be taken back: only its integration could make it anew. */
export function forget(entity: EntityRegistryRow, name: string): Promise<boolean> {
  return edits.make({
    name,
    text: t("edit.deleted", { name }),
    change: () => hub.act({ type: "config/entity_registry/remove", entity_id: entity.entity_id }),
  });
}

function update(kind: RegistryKind, id: string, changes: Changes): Promise<unknown> {
  return hub.act({ type: `config/${kind}_registry/update`, [`${kind}_id`]: id, ...changes });
}

async function add(kind: PlaceKind, values: Changes): Promise<string> {
  const made = await hub.act<Record<string, string>>({ type: `config/${kind}_registry/create`, ...values });
  return made[`${kind}_id`] ?? "";
}

async function putBack(kind: PlaceKind, id: string, former: string, inIt: Belongings): Promise<void> {
  const { areas, devices, entities } = inIt;
  const rows = [
    ...areas.map((row) => ["area", row] as const),
    ...devices.map((row) => ["device", row] as const),
    ...entities.map((row) => ["entity", row] as const),
  ];
  for (const [of, row] of rows) await update(of, idOf(of, row), pointing(kind, id, former, row));
}

function pointing(kind: PlaceKind, id: string, former: string, { labels }: { labels: readonly string[] }): Changes {
  if (kind !== "label") return { [`${kind}_id`]: id };
  return { labels: labels.map((label) => (label === former ? id : label)) };
}

/** What a row of this kind can be made of again. */
function valuesOf(kind: PlaceKind, row: Row): Changes {
  const keys = {
    area: ["name", "floor_id", "icon", "labels", "aliases", "picture", "temperature_entity_id", "humidity_entity_id"],
    floor: ["name", "level", "icon", "aliases"],
    label: ["name", "color", "icon", "description"],
  }[kind];
  const fields = fieldsOf(row);
  return Object.fromEntries(keys.filter((key) => fields[key] !== undefined).map((key) => [key, fields[key]]));
}

function idOf(kind: RegistryKind, row: Row): string {
  return String(fieldsOf(row)[kind === "device" ? "id" : `${kind}_id`]);
}

function fieldsOf(row: Row): Changes {
  return row as unknown as Changes;
}
