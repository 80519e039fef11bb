import { createSubscriber } from "svelte/reactivity";

import { hub } from "../net/hub.svelte";

export type ModelState = "ready" | "loading" | "restarting" | "missing" | "failed";
export type ServerState = "ready" | "loading" | "restarting";

/** A server that helps the local model. */
export interface ServerStatus {
  readonly server: string;
  readonly state: ServerState;
  readonly model: string | null;
  readonly reason: string | null;
  readonly in_flight: number;
}

export interface AgentStatus {
  readonly state: ModelState;
  readonly model: string | null;
  readonly reason: string | null;
  readonly memory_mb: number | null;
  readonly running: number;
  readonly waiting: number;
  readonly restarts: number;
  /** Tokens that fit into the window of all requests together, and how many are in it. */
  readonly context: number | null;
  readonly cells: number;
  readonly tokens_per_second: number | null;
  /** How it runs on this machine: each setting with its value and why. */
  readonly report: Readonly<Record<string, readonly [value: unknown, reason: string]>>;
  /** What is being loaded to take over, and for how long. */
  readonly loading: { readonly model: string; readonly seconds: number } | null;
  /** What could not be loaded last. */
  readonly failed: { readonly model: string; readonly reason: string } | null;
  /** Told to owner and admins. */
  readonly servers?: readonly ServerStatus[];
}

const EVERY_MS = 5_000;
const EVERY_MS_WHILE_LOADING = 1_000;

/** How the model is; asked now and then while somebody looks. */
class Status {
  #status: AgentStatus | null = null;
  #update: () => void = () => undefined;
  readonly #subscribe = createSubscriber((update) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const look = async (): Promise<void> => {
      if (!document.hidden) await this.load();
      if (!over) timer = setTimeout(() => void look(), this.#status?.loading ? EVERY_MS_WHILE_LOADING : EVERY_MS);
    };
    this.#update = update;
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  });

  get value(): AgentStatus | null {
    this.#subscribe();
    return this.#status;
  }

  async load(): Promise<void> {
    this.#status = await hub.request<AgentStatus>({ type: "hearth/agent/status" }).catch(() => this.#status);
    this.#update();
  }
}

export const agentStatus = new Status();
