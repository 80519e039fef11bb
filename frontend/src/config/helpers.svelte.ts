// The helpers of all kinds: entities of the hub's own that people define here.
import { edits } from "../app/edits.svelte";
import type { Values } from "../forms/schema";
import { t } from "../i18n/messages.svelte";
import { hub } from "../net/hub.svelte";
import type { HelperItem } from "./helper_forms";
import { HELPER_KINDS, type HelperKind } from "./helper_kinds";
import { Listing } from "./listing.svelte";
import { entities, type EntityRegistryRow } from "./registries.svelte";

export interface HelperRow {
  readonly kind: HelperKind;
  readonly item: HelperItem;
}

export const helpers = new Listing<HelperRow>(fetchAll, ["entity_registry_updated"]);

/** For some kinds Home Assistant has no such commands; those are our own. */
function prefixOf(kind: HelperKind): string {
  return kind === "todo" || kind === "scene" ? `hearth/${kind}` : kind;
}

/** A kind that the hub does not know is left out. */
async function fetchAll(): Promise<readonly HelperRow[]> {
  const lists = await Promise.all(HELPER_KINDS.map((kind) => fetchKind(kind).catch(() => [])));
  return lists.flat();
}

async function fetchKind(kind: HelperKind): Promise<HelperRow[]> {
  type Answer = readonly HelperItem[] | { storage: readonly HelperItem[] };
  const answer = await hub.request<Answer>({ type: `${prefixOf(kind)}/list` });
  const items = "storage" in answer ? answer.storage : answer;
  return items.map((item) => ({ kind, item }));
}

/** The entity of a helper. */
export function entityOf({ kind, item }: HelperRow, rows: readonly EntityRegistryRow[]): EntityRegistryRow | undefined {
  return rows.find(({ platform, unique_id }) => platform === kind && unique_id === item.id);
}

export function createHelper(kind: HelperKind, values: Values): Promise<boolean> {
  const name = String(values["name"]);
  return edits.make({
    name,
    text: t("edit.created", { name }),
    change: () => changed(hub.act<HelperItem>({ type: `${prefixOf(kind)}/create`, ...values })),
    undo: ({ id }) => changed(drop(kind, id)),
  });
}

export function changeHelper({ kind, item }: HelperRow, values: Values): Promise<boolean> {
  const { id, name, ...before } = item;
  return edits.make({
    name,
    text: t("edit.changed", { name }),
    change: () => changed(update(kind, id, values)),
    undo: () => changed(update(kind, id, { name, ...before })),
  });
}

/** Delete a helper; taking it back makes it again, with its entity as it was. */
export function removeHelper(row: HelperRow): Promise<boolean> {
  const { kind, item } = row;
  const { id, ...values } = item;
  const entity = entityOf(row, entities.items ?? []);
  return edits.make({
    name: item.name,
    text: t("edit.deleted", { name: item.name }),
    change: () => changed(drop(kind, id)),
    undo: async () => {
      const made = await hub.act<HelperItem>({ type: `${prefixOf(kind)}/create`, ...values });
      await entities.load();
      const anew = entityOf({ kind, item: made }, entities.items ?? []);
      if (entity && anew) await restore(anew, entity);
      await helpers.load();
    },
  });
}

async function restore(anew: EntityRegistryRow, former: EntityRegistryRow): Promise<void> {
  const { area_id, labels, name, hidden_by } = former;
  const renamed = anew.entity_id === former.entity_id ? {} : { new_entity_id: former.entity_id };
  await hub.act({
    type: "config/entity_registry/update",
    entity_id: anew.entity_id,
    ...{ area_id, labels, name, hidden_by, ...renamed },
  });
}

function update(kind: HelperKind, id: string, values: Values): Promise<unknown> {
  return hub.act({ type: `${prefixOf(kind)}/update`, [`${kind}_id`]: id, ...values });
}

function drop(kind: HelperKind, id: string): Promise<unknown> {
  return hub.act({ type: `${prefixOf(kind)}/delete`, [`${kind}_id`]: id });
}

/** A change of a helper that leaves its entity as it is tells nobody: the list is asked again. */
async function changed<Made>(making: Promise<Made>): Promise<Made> {
  const made = await making;
  await helpers.load();
  return made;
}
