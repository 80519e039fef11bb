// A tool call in words: which action, on what, with which values.
import { fullName } from "../entity/names";
import type { Overview } from "../home/overview.svelte";
import { list } from "../i18n/format";
import { word } from "../i18n/messages.svelte";

type Data = Readonly<Record<string, unknown>>;

/** "light.turn_on" as "Turn on", or as it is. */
export function actionLabel(action: string): string {
  const service = action.slice(action.indexOf(".") + 1);
  return word(`action.${action}`) ?? word(`action.${service}`) ?? action;
}

/** The names behind a target's ids. */
export function targetLabel(target: Data, overview: Overview | null): string {
  const names = Object.entries(target).flatMap(([kind, ids]) =>
    (Array.isArray(ids) ? ids : [ids]).map((id) => nameOf(kind, String(id), overview)),
  );
  return list(names);
}

function nameOf(kind: string, id: string, overview: Overview | null): string {
  if (kind === "area_id") return overview?.areas.find(({ area_id }) => area_id === id)?.name ?? id;
  if (kind === "floor_id") return overview?.floors.find(({ floor_id }) => floor_id === id)?.name ?? id;
  if (kind === "device_id") return overview?.devices.find((device) => device.id === id)?.name ?? id;
  const entity = overview?.entities.find(({ entity_id }) => entity_id === id);
  return entity ? fullName(entity, undefined, id) : id;
}

/** "brightness_pct 40, transition 2". */
export function dataLabel(data: Data): string {
  return Object.entries(data)
    .filter(([key]) => key !== "entity_id")
    .map(
      ([key, value]) =>
        `${key.replaceAll("_", " ")} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    )
    .join(", ");
}
