import { createSubscriber } from "svelte/reactivity";

import { hub } from "../net/hub.svelte";

export interface AgentStatus {
  state: "ready" | "loading" | "restarting" | "missing" | "failed";
  model: string | null;
  reason: string | null;
  memory_mb: number | null;
  running?: number;
  waiting?: number;
  tokens_per_second?: number | null;
}

const EVERY_MS = 5_000;

/** How the model is; asked now and then while somebody looks. */
class Status {
  #status: AgentStatus | null = null;
  readonly #subscribe = createSubscriber((update) => {
    const load = async (): Promise<void> => {
      this.#status = await hub.request<AgentStatus>({ type: "hearth/agent/status" }).catch(() => this.#status);
      update();
    };
    void load();
    const timer = setInterval(() => void (document.hidden || load()), EVERY_MS);
    return () => clearInterval(timer);
  });

  get value(): AgentStatus | null {
    this.#subscribe();
    return this.#status;
  }
}

export const agentStatus = new Status();
