// What is left of Home when something is typed or a summary is chosen.
import type { AreaSection, FloorGroup } from "./grouping";

/** Keep the entities that `keep` accepts, and only areas and floors that still have some. */
export function filtered(
  groups: readonly FloorGroup[],
  keep: (entityId: string, area: string) => boolean,
): FloorGroup[] {
  return groups
    .map((group) => ({
      ...group,
      sections: group.sections.map((section) => narrowed(section, keep)).filter(hasEntities),
    }))
    .filter(({ sections }) => sections.length > 0);
}

function narrowed(section: AreaSection, keep: (entityId: string, area: string) => boolean): AreaSection {
  const area = section.area?.name ?? "";
  return { ...section, entities: section.entities.filter(({ entity_id }) => keep(entity_id, area)) };
}

function hasEntities({ entities }: AreaSection): boolean {
  return entities.length > 0;
}

/** Whether every word of the query is found in one of the texts. */
export function matches(query: string, ...texts: readonly string[]): boolean {
  const haystack = texts.join("\n").toLocaleLowerCase();
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((part) => haystack.includes(part));
}
