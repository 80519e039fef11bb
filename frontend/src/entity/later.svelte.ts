// What Home needs only where there are such entities: words, icons and controls of the rarer domains, loaded together.
import { withWords } from "../i18n/messages.svelte";

export type Later = typeof import("./later");

const DOMAINS = new Set([
  "alarm_control_panel",
  "camera",
  "counter",
  "date",
  "datetime",
  "device_tracker",
  "humidifier",
  "image",
  "input_datetime",
  "lawn_mower",
  "notify",
  "person",
  "remote",
  "scene",
  "schedule",
  "script",
  "siren",
  "sun",
  "time",
  "timer",
  "todo",
  "update",
  "vacuum",
  "valve",
  "water_heater",
  "weather",
  "zone",
]);

let loaded = $state.raw<Later | null>(null);
let asked = false;

/** What there is for entities of this domain beyond the common; null for common ones, and while it is being loaded. */
export function later(domain: string): Later | null {
  if (!DOMAINS.has(domain)) return null;
  if (!asked) void loadLater();
  return loaded;
}

export async function loadLater(): Promise<void> {
  asked = true;
  try {
    loaded = await withWords(import("./later"));
  } catch {
    asked = false; // the next tile that is shown asks again
  }
}
