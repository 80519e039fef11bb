// What there is in the home: floors, areas, devices, entities. Loaded whole, and again when a registry changes.
import { hub } from "../net/hub.svelte";

export interface Floor {
  floor_id: string;
  name: string;
  level: number | null;
}

export interface Area {
  area_id: string;
  name: string;
  floor_id: string | null;
  icon: string | null;
}

export interface Device {
  id: string;
  name: string;
  area_id: string | null;
  manufacturer: string | null;
  model: string | null;
  integration: string;
}

export interface EntityInfo {
  entity_id: string;
  name: string | null;
  area_id: string | null;
  device_id: string | null;
  integration: string;
  category: "config" | "diagnostic" | null;
  hidden: boolean;
}

export interface Overview {
  name: string;
  floors: Floor[];
  areas: Area[];
  devices: Device[];
  entities: EntityInfo[];
}

const CHANGES = ["area", "floor", "device", "entity"].map((kind) => `${kind}_registry_updated`);
const SETTLE_MS = 250;

class Home {
  #overview = $state.raw<Overview | null>(null);
  #problem = $state.raw<Error | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly entities = $derived(new Map(this.#overview?.entities.map((entity) => [entity.entity_id, entity])));
  readonly areas = $derived(new Map(this.#overview?.areas.map((area) => [area.area_id, area])));
  readonly devices = $derived(new Map(this.#overview?.devices.map((device) => [device.id, device])));

  get overview(): Overview | null {
    return this.#overview;
  }

  get problem(): Error | null {
    return this.#problem;
  }

  /** Load now and keep up with the registries until the returned function is called. */
  follow(): () => void {
    const ends = CHANGES.map((event_type) => hub.listen({ type: "subscribe_events", event_type }, () => this.#soon()));
    ends.push(hub.whenLive(() => void this.load()));
    return () => ends.forEach((end) => end());
  }

  async load(): Promise<void> {
    try {
      this.#overview = await hub.request<Overview>({ type: "hearth/overview" });
      this.#problem = null;
    } catch (error) {
      this.#problem = error as Error;
    }
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load(), SETTLE_MS);
  }
}

export const home = new Home();
