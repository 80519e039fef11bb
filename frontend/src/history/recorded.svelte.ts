// The recorded past of one entity, fetched once per range, continued by what is live.
import { hub } from "../net/hub.svelte";
import type { EntityState } from "../live/state";
import { appended, type Point, pointsOf, type WirePoint } from "./shape";

export class Recorded {
  #points = $state.raw<readonly Point[] | null>(null);
  #problem = $state.raw<Error | null>(null);
  #asked = 0;

  /** null until it is here. */
  get points(): readonly Point[] | null {
    return this.#points;
  }

  get problem(): Error | null {
    return this.#problem;
  }

  async load(entityId: string, start: number): Promise<void> {
    const asked = ++this.#asked;
    try {
      const answer = await hub.request<Record<string, WirePoint[]>>({
        type: "history/history_during_period",
        start_time: new Date(start * 1000).toISOString(),
        entity_ids: [entityId],
        minimal_response: true,
        no_attributes: true,
      });
      if (asked !== this.#asked) return;
      this.#points = pointsOf(answer[entityId] ?? []);
      this.#problem = null;
    } catch (error) {
      if (asked === this.#asked) this.#problem = error as Error;
    }
  }

  append(state: EntityState): void {
    if (this.#points !== null) this.#points = appended(this.#points, { state: state.state, time: state.lastChanged });
  }
}
