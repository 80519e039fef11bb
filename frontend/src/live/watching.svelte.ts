// Which entities the hub sends: those that the pages on screen show.
import { hub } from "../net/hub.svelte";
import type { EntityEvent } from "./diff";
import { live } from "./live.svelte";

const MAX_HZ = 10;

/** Keeps one subscription for exactly the entities that the pages on screen show, and none while the tab is hidden. */
class Watching {
  readonly #counts = new Map<string, number>();
  #current = "";
  #end: () => void = () => undefined;
  #scheduled = false;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#schedule());
  }

  watch(ids: readonly string[]): () => void {
    for (const id of ids) this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
    this.#schedule();
    return () => this.#release(ids);
  }

  #release(ids: readonly string[]): void {
    for (const id of ids) {
      const left = (this.#counts.get(id) ?? 1) - 1;
      if (left === 0) this.#counts.delete(id);
      else this.#counts.set(id, left);
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => this.#subscribe());
  }

  #subscribe(): void {
    this.#scheduled = false;
    const ids = document.hidden ? [] : [...this.#counts.keys()].sort();
    if (ids.join() === this.#current) return;
    this.#current = ids.join();
    this.#end();
    this.#end = ids.length === 0 ? () => undefined : listenTo(ids);
  }
}

function listenTo(ids: readonly string[]): () => void {
  const command = { type: "subscribe_entities", entity_ids: ids, max_hz: MAX_HZ };
  return hub.listen(command, (event, first) => live.take(event as EntityEvent, first ? ids : null));
}

export const watching = new Watching();

/** Keep these entities live for as long as the calling component is on screen. */
export function watch(ids: () => readonly string[]): void {
  $effect(() => watching.watch(ids()));
}
