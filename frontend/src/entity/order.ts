import { domainOf } from "../live/state";

/** What one reaches for comes first, what one only reads comes last. */
const ORDER = [
  "light",
  "climate",
  "cover",
  "media_player",
  "fan",
  "lock",
  "switch",
  "number",
  "select",
  "text",
  "button",
  "binary_sensor",
  "sensor",
  "event",
];

export function entityOrder({ entity_id }: { entity_id: string }): number {
  const place = ORDER.indexOf(domainOf(entity_id));
  return place < 0 ? ORDER.length : place;
}
