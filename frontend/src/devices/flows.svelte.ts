// Devices that the hub has found and nobody has added or ignored yet, and the dialogs that add them.
import { createSubscriber } from "svelte/reactivity";

import { ask } from "../net/http";
import { hub } from "../net/hub.svelte";
import type { WireField } from "../forms/schema";

export interface DiscoveredFlow {
  flow_id: string;
  handler: string;
  title?: string | null;
  context: { source: string; title_placeholders?: Record<string, string>; unique_id?: string | null };
  description_placeholders?: Record<string, string> | null;
}

export interface FlowStep {
  type: "form" | "create_entry" | "abort";
  flow_id?: string;
  handler: string;
  step_id?: string;
  data_schema?: WireField[];
  /** What was wrong, by field, in the hub's words. */
  errors?: Record<string, string> | null;
  /** The kind of each error. */
  error_keys?: Record<string, string>;
  description_placeholders?: Record<string, string> | null;
  title?: string | null;
  reason?: string;
}

/** Flows that somebody starts by hand are in a dialog already. */
const BY_HAND = new Set(["user", "reauth", "reconfigure"]);
/** Where the dialogs are that add something, and those that change what was added. */
const PATHS = {
  config: "/api/config/config_entries/flow",
  options: "/api/config/config_entries/options/flow",
} as const;
export type FlowKind = keyof typeof PATHS;

class Flows {
  #list: readonly DiscoveredFlow[] = [];
  #update: () => void = () => undefined;
  readonly #subscribe = createSubscriber((update) => {
    this.#update = update;
    const ends = [
      hub.whenLive(() => void this.#load()),
      hub.listen({ type: "config_entries/flow/subscribe" }, () => void this.#load()),
    ];
    return () => ends.forEach((end) => end());
  });

  get discovered(): readonly DiscoveredFlow[] {
    this.#subscribe();
    return this.#list;
  }

  async #load(): Promise<void> {
    const all = await hub.request<DiscoveredFlow[]>({ type: "config_entries/flow/progress" }).catch(() => []);
    this.#list = all.filter(({ context }) => !BY_HAND.has(context.source));
    this.#update();
  }

  /** Begin with an integration by its name, or with the options of a config entry by its id. */
  start(handler: string, kind: FlowKind = "config"): Promise<FlowStep> {
    return ask<FlowStep>("POST", PATHS[kind], { handler });
  }

  resume(flowId: string): Promise<FlowStep> {
    return ask<FlowStep>("GET", `${PATHS.config}/${flowId}`);
  }

  submit(flowId: string, values: Record<string, unknown>, kind: FlowKind = "config"): Promise<FlowStep> {
    return ask<FlowStep>("POST", `${PATHS[kind]}/${flowId}`, values);
  }

  abandon(flowId: string, kind: FlowKind = "config"): Promise<unknown> {
    return ask("DELETE", `${PATHS[kind]}/${flowId}`);
  }

  ignore(flow: DiscoveredFlow): Promise<unknown> {
    return hub.act({ type: "config_entries/ignore_flow", flow_id: flow.flow_id, title: titleOf(flow) });
  }
}

export function titleOf({ title, context, handler }: DiscoveredFlow): string {
  return title || context.title_placeholders?.["name"] || handler;
}

export const flows = new Flows();
