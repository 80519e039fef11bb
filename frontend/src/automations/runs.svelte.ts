// The newest runs, of one automation or of all: asked once, then kept up with as runs finish.
import { hub } from "../net/hub.svelte";
import type { Run, RunRow } from "./run";

const MOST = 50;

export class Runs {
  #rows = $state.raw<readonly RunRow[] | null>(null);
  #problem = $state.raw<Error | null>(null);

  /** null until they are here. */
  get rows(): readonly RunRow[] | null {
    return this.#rows;
  }

  get problem(): Error | null {
    return this.#problem;
  }

  /** Follow until the returned function is called. */
  follow(automationId?: string): () => void {
    const ends = [
      hub.whenLive(() => void this.#load(automationId)),
      hub.listen({ type: "hearth/run/subscribe" }, (event) => {
        const { run } = event as { run: RunRow };
        if (automationId === undefined || run.automation_id === automationId) this.#add(run);
      }),
    ];
    return () => ends.forEach((end) => end());
  }

  async #load(automationId?: string): Promise<void> {
    const about = automationId === undefined ? {} : { automation_id: automationId };
    try {
      this.#rows = await hub.request<RunRow[]>({ type: "hearth/run/list", limit: MOST, ...about });
    } catch (error) {
      this.#problem = error as Error;
    }
  }

  #add(run: RunRow): void {
    const others = (this.#rows ?? []).filter(({ run_id }) => run_id !== run.run_id);
    this.#rows = [run, ...others].sort((a, b) => b.started - a.started).slice(0, MOST);
  }
}

export function fetchRun(runId: string): Promise<Run> {
  return hub.request<Run>({ type: "hearth/run/get", run_id: runId });
}
