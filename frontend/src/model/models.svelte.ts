// The models that the hub can run, and the change to another.
import { agentStatus } from "../agent/status.svelte";
import { listed } from "../config/listing.svelte";
import { hub } from "../net/hub.svelte";

export interface ModelRow {
  readonly name: string;
  readonly size: number;
  readonly parameters: number | null;
  readonly quantisation: string | null;
  readonly context: number | null;
  /** Whether it comes with Hearth. */
  readonly built_in: boolean;
  readonly in_use: boolean;
  /** Whether hearth.yaml names it. */
  readonly written: boolean;
  /** Why its file cannot be used. */
  readonly problem: string | null;
}

/** The old model may have to finish first, and a large one is measured when it is first loaded. */
const PATIENCE_SECONDS = 3600;

export const models = listed<ModelRow>("hearth/inference/models", []);

/** Go on with another model; resolved when it is ready. The hub goes on with it even if nobody waits. */
export async function useModel(model: string): Promise<void> {
  const changed = hub.act({ type: "hearth/inference/use", model }, PATIENCE_SECONDS);
  void agentStatus.load();
  try {
    await changed;
  } finally {
    await Promise.all([agentStatus.load(), models.load()]);
  }
}
