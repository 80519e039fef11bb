// Why an entity is as it is: who or what its context leads back to.
import { fetchRun } from "../automations/runs.svelte";
import type { Run, RunRow } from "../automations/run";
import type { EntityState } from "../live/state";
import { hub } from "../net/hub.svelte";

export type Cause =
  | { readonly kind: "user"; readonly userId: string }
  | { readonly kind: "run"; readonly run: Run }
  | { readonly kind: "automation" | "device" };

const EARLIER_SECONDS = 10;
const LATER_SECONDS = 1;
const MOST_CANDIDATES = 4;

/** A context without a parent is the device's own or a user's; with one, look for the run that it leads back to. */
export async function causeOf({ context, lastChanged }: EntityState): Promise<Cause> {
  if (context.parent_id === null)
    return context.user_id === null ? { kind: "device" } : { kind: "user", userId: context.user_id };
  const rows = await hub.request<RunRow[]>({ type: "hearth/run/list", limit: 50 });
  const candidates = rows.filter((row) => ranAt(row, lastChanged)).slice(0, MOST_CANDIDATES);
  for (const { run_id } of candidates) {
    const run = await fetchRun(run_id);
    if (run.context.id === context.parent_id || run.context.id === context.id) return { kind: "run", run };
  }
  return { kind: "automation" };
}

function ranAt({ started, finished }: RunRow, time: number): boolean {
  return started - LATER_SECONDS <= time && time <= (finished ?? Infinity) + EARLIER_SECONDS;
}
