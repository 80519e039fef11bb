// A list that the hub keeps: asked while something on screen shows it, and again when an event says that it changed.
import { createSubscriber } from "svelte/reactivity";

import { hub } from "../net/hub.svelte";

const SETTLE_MS = 100;

export class Listing<Item> {
  #items: readonly Item[] | null = null;
  #problem: Error | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #update: () => void = () => undefined;
  readonly #subscribe = createSubscriber((update) => {
    this.#update = update;
    const ends = this.changes.map((event_type) =>
      hub.listen({ type: "subscribe_events", event_type }, () => this.#soon()),
    );
    ends.push(hub.whenLive(() => void this.load()));
    return () => ends.forEach((end) => end());
  });

  constructor(
    private readonly fetch: () => Promise<readonly Item[]>,
    private readonly changes: readonly string[],
  ) {}

  /** null until they are known. */
  get items(): readonly Item[] | null {
    this.#subscribe();
    return this.#items;
  }

  /** Why they are not known. */
  get problem(): Error | null {
    this.#subscribe();
    return this.#problem;
  }

  async load(): Promise<void> {
    try {
      this.#items = await this.fetch();
      this.#problem = null;
    } catch (error) {
      this.#problem = error as Error;
    }
    this.#update();
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load(), SETTLE_MS);
  }
}

/** A listing by a WebSocket command. */
export function listed<Item>(type: string, changes: readonly string[]): Listing<Item> {
  return new Listing(() => hub.request<Item[]>({ type }), changes);
}
