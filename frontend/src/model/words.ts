// What is said of a model: sizes, and what was chosen for this machine.
import { number } from "../i18n/format";
import { t, word } from "../i18n/messages.svelte";
import type { AgentStatus } from "../agent/status.svelte";
import type { ModelRow } from "./models.svelte";

export interface Chosen {
  readonly name: string;
  readonly value: string;
  readonly reason: string;
}

/** What matters first; what is not here comes after. */
const ORDER = ["n_ctx", "threads", "batch_threads", "flash_attention", "repack", "gpu_layers", "cache_type"];
const UNITS: readonly (readonly [unit: string, length: number])[] = [
  ["gigabyte", 1e9],
  ["megabyte", 1e6],
  ["kilobyte", 1e3],
];
/** What says something only where a GPU is used. */
const OF_GPUS = new Set(["main_gpu", "split_mode", "tensor_split"]);

export function bytes(size: number): string {
  const [unit, length] = UNITS.find(([, length]) => size >= length) ?? ["byte", 1];
  const value = size / length;
  return number(value, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** What is known of a model's file, in one line. */
export function details({ parameters, quantisation, size, context }: ModelRow): string {
  const count =
    parameters !== null &&
    number(parameters, { notation: "compact", compactDisplay: "long", maximumFractionDigits: 1 });
  const weights = count !== false && t("model.weights", { count });
  const window = context !== null && t("model.window", { count: number(context) });
  return [weights, quantisation, bytes(size), window].filter(Boolean).join(" · ");
}

/** How the model runs on this machine, with the hub's reasons. */
export function chosen(report: AgentStatus["report"]): Chosen[] {
  const gpu = report["gpu_layers"]?.[0] !== 0;
  return Object.entries(report)
    .filter(([key]) => gpu || !OF_GPUS.has(key))
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([key, [value, reason]]) => ({ name: word(`model.choice.${key}`) ?? key, value: text(key, value), reason }));
}

function rank(key: string): number {
  const place = ORDER.indexOf(key);
  return place === -1 ? ORDER.length : place;
}

function text(key: string, value: unknown): string {
  if (typeof value === "boolean") return value ? t("model.on") : t("model.off");
  if (key === "gpu_layers" && value === -1) return t("model.all");
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "number" ? number(value) : String(value);
}
