// The integrations with their health: asked when something about them changes, and now and then, for a fault may be silent.
import { createSubscriber } from "svelte/reactivity";

import type { FormWords } from "../forms/schema";
import { language } from "../i18n/messages.svelte";
import { hub } from "../net/hub.svelte";

export interface Integration {
  name: string;
  title: string;
  version: string | null;
  status: string;
  reason: string | null;
  iot_class: string | null;
  description: string | null;
  /** What it says in other languages. */
  translations?: Readonly<Record<string, IntegrationWords>>;
  entities: number;
  devices: number;
  connected: boolean | null;
  last_error: string | null;
  /** Whether it is added through a dialog. */
  addable: boolean;
  /** What was added of it. */
  entries?: readonly ConfigEntry[];
}

export interface IntegrationWords {
  readonly name?: string;
  readonly description?: string;
  readonly form?: FormWords;
}

/** Something that was added: an account, a bridge, a broker. */
export interface ConfigEntry {
  entry_id: string;
  domain: string;
  title: string;
  source: string;
  state: string;
  reason: string | null;
  supports_options: boolean;
  disabled_by: string | null;
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

  /** null until they are known; names and descriptions are in the language of the page. */
  get list(): readonly Integration[] | null {
    this.#subscribe();
    return this.#list?.map((integration) => translated(integration, language())) ?? null;
  }

  /** The title of an integration in the language of the page; its name until it is known. */
  titleOf(name: string): string {
    return this.list?.find((each) => each.name === name)?.title ?? name;
  }

  /** What the fields of an integration's dialog are called in the language of the page, where it says so. */
  wordsOf(name: string): FormWords {
    const known = this.list?.find((each) => each.name === name);
    return known?.translations?.[language()]?.form ?? {};
  }

  async load(): Promise<void> {
    const list = await hub.request<Integration[]>({ type: "hearth/integration/list" }).catch(() => null);
    if (list === null || JSON.stringify(list) === JSON.stringify(this.#list)) return;
    this.#list = list;
    this.#update();
  }
}

/** The integration with its name and description in a language, where it has them. */
export function translated(integration: Integration, tongue: string): Integration {
  const words = integration.translations?.[tongue];
  return {
    ...integration,
    title: words?.name ?? integration.title,
    description: words?.description ?? integration.description,
  };
}

export const integrations = new Integrations();
