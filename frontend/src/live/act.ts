// What the user does to entities: shown at once, sent, confirmed by the device, or rolled back with the reason.
import { toasts } from "../app/toasts.svelte";
import { t } from "../i18n/messages.svelte";
import { hub } from "../net/hub.svelte";
import { reason } from "../net/problem";
import type { Pending } from "./cell.svelte";
import type { Expectation } from "./expectation";
import { live } from "./live.svelte";

export interface Deed {
  readonly entityIds: readonly string[];
  /** What to call it in a message. */
  readonly name: string;
  /** domain.action */
  readonly action: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly expect?: Expectation;
}

/** Do it; true if the hub accepted it. */
export async function act(deed: Deed): Promise<boolean> {
  const pending = deed.entityIds.map((id) => live.cell(id).expect(deed.expect ?? null));
  void complainIfUnconfirmed(deed, pending);
  try {
    await call(deed);
    for (const each of pending) each.acknowledge();
    return true;
  } catch (error) {
    for (const each of pending) each.finish("failed");
    toasts.problem(t("act.failed", { name: deed.name, reason: reason(error) }));
    return false;
  }
}

function call({ action, entityIds, data = {} }: Deed): Promise<unknown> {
  const [domain, service] = action.split(".");
  return hub.act({
    type: "call_service",
    domain,
    service,
    service_data: data,
    target: { entity_id: entityIds.length === 1 ? entityIds[0] : entityIds },
  });
}

async function complainIfUnconfirmed(deed: Deed, pending: readonly Pending[]): Promise<void> {
  const outcomes = await Promise.all(pending.map((each) => each.outcome));
  if (outcomes.includes("unconfirmed")) toasts.problem(t("act.unconfirmed", { name: deed.name }));
}
