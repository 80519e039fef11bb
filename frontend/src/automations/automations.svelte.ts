// The automations, broken ones too, and the way to change them.
import { compareNames } from "../i18n/format";
import { ask } from "../net/http";
import { hub } from "../net/hub.svelte";

/** How an automation is: loaded, or broken with the reason. */
export interface AutomationInfo {
  readonly id: string;
  readonly alias: string;
  readonly status: "loaded" | "broken";
  readonly file: string;
  readonly line: number | null;
  /** null: it has no entity, for it could never be loaded. */
  readonly entity_id: string | null;
  readonly reason: string | null;
  readonly blueprint: string | null;
  readonly mode: string | null;
  /** What does not work in it although it is loaded. */
  readonly problems: readonly string[];
}

/** A new automation registers an entity, a reload may change any of them. */
const CHANGES = ["entity_registry_updated", "automation_reloaded"];
const CONFIG = "/api/config/automation/config";

class Automations {
  #list = $state.raw<readonly AutomationInfo[] | null>(null);
  #problem = $state.raw<Error | null>(null);

  /** null until they are here. */
  get list(): readonly AutomationInfo[] | null {
    return this.#list;
  }

  /** Why they are not here: not everybody may see them. */
  get problem(): Error | null {
    return this.#problem;
  }

  /** Keep up with the hub until the returned function is called. */
  follow(): () => void {
    const ends = CHANGES.map((event_type) =>
      hub.listen({ type: "subscribe_events", event_type }, () => void this.load()),
    );
    ends.push(hub.whenLive(() => void this.load()));
    return () => ends.forEach((end) => end());
  }

  async load(): Promise<void> {
    try {
      const all = await hub.request<AutomationInfo[]>({ type: "hearth/automation/list" });
      this.#list = all.sort((a, b) => compareNames(a.alias, b.alias));
      this.#problem = null;
    } catch (error) {
      this.#problem = error as Error;
    }
  }

  config(id: string): Promise<Record<string, unknown>> {
    return ask("GET", `${CONFIG}/${encodeURIComponent(id)}`);
  }

  async save(id: string, config: Readonly<Record<string, unknown>>): Promise<void> {
    await ask("POST", `${CONFIG}/${encodeURIComponent(id)}`, config);
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await ask("DELETE", `${CONFIG}/${encodeURIComponent(id)}`);
    await this.load();
  }
}

/** A file name for a new automation: its name in ASCII, or the time, and never one that is taken. */
export function newId(name: string, taken: ReadonlySet<string>, now: number): string {
  const slug = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const base = slug === "" ? String(Math.round(now)) : slug;
  let id = base;
  for (let n = 2; taken.has(id); n += 1) id = `${base}_${n}`;
  return id;
}

export const automations = new Automations();
