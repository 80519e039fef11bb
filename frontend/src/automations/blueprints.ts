import type { WireInput } from "../forms/schema";
import { hub } from "../net/hub.svelte";

export interface Blueprint {
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly inputs: Readonly<Record<string, WireInput | null>>;
  /** Why it cannot be used, or null. */
  readonly error: string | null;
}

interface WireBlueprint {
  metadata?: { name?: string; description?: string | null; input?: Record<string, WireInput | null> | null };
  error?: string;
}

export async function fetchBlueprints(): Promise<Blueprint[]> {
  const all = await hub.request<Record<string, WireBlueprint>>({ type: "blueprint/list", domain: "automation" });
  return Object.entries(all).map(([path, { metadata, error }]) => ({
    path,
    name: metadata?.name ?? path,
    description: metadata?.description ?? "",
    inputs: metadata?.input ?? {},
    error: error ?? null,
  }));
}
