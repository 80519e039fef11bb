// The integrations with their health: asked when something about them changes, and now and then, for a fault may be silent.
import { createSubscriber } from "svelte/reactivity";

import { hub } from "../net/hub.svelte";

export interface Integration {
  name: string;
  title: string;
  version: string | null;
  status: string;
  reason: string | null;
  iot_class: string | null;
  description: string | null;
  entities: number;
  devices: number;
  connected: boolean | null;
  last_error: string | null;
  /** Whether it is added through a dialog. */
  addable: boolean;
}

const EVERY_MS = 30_000;

class Integrations {
  #list: readonly Integration[] | null = null;
  #update: () => void = () => undefined;
  readonly #subscribe = createSubscriber((update) => {
    this.#update = update;
    const timer = setInterval(() => void (document.hidden || this.load()), EVERY_MS);
    const ends = [
      hub.whenLive(() => void this.load()),
      hub.listen({ type: "hearth/integration/subscribe" }, () => void this.load()),
    ];
    return () => {
      clearInterval(timer);
      for (const end of ends) end();
    };
  });

  /** null until they are known. */
  get list(): readonly Integration[] | null {
    this.#subscribe();
    return this.#list;
  }

  async load(): Promise<void> {
    const list = await hub.request<Integration[]>({ type: "hearth/integration/list" }).catch(() => null);
    if (list === null || JSON.stringify(list) === JSON.stringify(this.#list)) return;
    this.#list = list;
    this.#update();
  }
}

export const integrations = new Integrations();
