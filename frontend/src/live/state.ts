/** One entity's state as the dashboard keeps it. Times are epoch seconds. */
export interface EntityState {
  readonly entityId: string;
  readonly state: string;
  readonly attributes: Attributes;
  readonly context: StateContext;
  readonly lastChanged: number;
  readonly lastUpdated: number;
}

export type Attributes = Readonly<Record<string, unknown>>;

export interface StateContext {
  readonly id: string;
  readonly parent_id: string | null;
  readonly user_id: string | null;
}

export function domainOf(entityId: string): string {
  return entityId.slice(0, entityId.indexOf("."));
}

export function isAvailable(state: EntityState | undefined): state is EntityState {
  return state !== undefined && state.state !== "unavailable";
}
