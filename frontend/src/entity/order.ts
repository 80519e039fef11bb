import { domainOf } from "../live/state";

/** What one reaches for comes first, what one only reads comes last. */
const ORDER = [
  "alarm_control_panel",
  "light",
  "climate",
  "cover",
  "media_player",
  "fan",
  "lock",
  "camera",
  "vacuum",
  "lawn_mower",
  "water_heater",
  "humidifier",
  "valve",
  "switch",
  "input_boolean",
  "siren",
  "scene",
  "number",
  "input_number",
  "select",
  "input_select",
  "text",
  "input_text",
  "input_datetime",
  "date",
  "time",
  "datetime",
  "timer",
  "counter",
  "todo",
  "button",
  "input_button",
  "person",
  "weather",
  "binary_sensor",
  "sensor",
  "image",
  "event",
];

export function entityOrder({ entity_id }: { entity_id: string }): number {
  const place = ORDER.indexOf(domainOf(entity_id));
  return place < 0 ? ORDER.length : place;
}
