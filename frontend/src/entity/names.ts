// What to call an entity: where its area is plain to see, the name does not repeat it.
import type { Device, EntityInfo } from "../home/overview.svelte";

const SEPARATORS = /^[\s\-–—_:·,，、的]+/u;

/** "Living room ceiling light" in the area Living room is "Ceiling light". */
export function withoutArea(name: string, area: string | undefined): string {
  if (!area || !name.toLocaleLowerCase().startsWith(area.toLocaleLowerCase())) return name;
  const rest = name.slice(area.length);
  const continues = /^[a-z0-9]/i.test(rest) && /[a-z0-9]$/i.test(area);
  const stripped = rest.replace(SEPARATORS, "");
  return continues || stripped === "" ? name : capitalised(stripped);
}

export function fullName(entity: EntityInfo | undefined, device: Device | undefined, entityId: string): string {
  return entity?.name || device?.name || fromId(entityId);
}

function fromId(entityId: string): string {
  return capitalised(entityId.slice(entityId.indexOf(".") + 1).replaceAll("_", " "));
}

function capitalised(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
