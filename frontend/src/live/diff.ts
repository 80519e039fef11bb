// The wire form of subscribe_entities: added (a), changed (c) and removed (r) entities with one-letter fields.
import type { EntityState, StateContext } from "./state";

interface WireState {
  s: string;
  a: Record<string, unknown>;
  c: string | StateContext;
  lc: number;
  lu?: number;
}

type WireAddition = Partial<Omit<WireState, "c">> & { c?: string | Partial<StateContext> };

interface WireChange {
  "+"?: WireAddition;
  "-"?: { a?: string[] };
}

export interface EntityEvent {
  a?: Record<string, WireState>;
  c?: Record<string, WireChange>;
  r?: string[];
}

/** Apply one event to the states and return the ids that it touched. */
export function applyEvent(states: Map<string, EntityState>, event: EntityEvent): string[] {
  const touched: string[] = [];
  for (const [id, wire] of Object.entries(event.a ?? {})) {
    states.set(id, added(id, wire));
    touched.push(id);
  }
  for (const [id, change] of Object.entries(event.c ?? {})) {
    const before = states.get(id);
    if (before === undefined) continue;
    states.set(id, changed(before, change));
    touched.push(id);
  }
  for (const id of event.r ?? []) {
    if (states.delete(id)) touched.push(id);
  }
  return touched;
}

function added(entityId: string, wire: WireState): EntityState {
  const context = typeof wire.c === "string" ? { id: wire.c, parent_id: null, user_id: null } : wire.c;
  return {
    entityId,
    state: wire.s,
    attributes: wire.a,
    context,
    lastChanged: wire.lc,
    lastUpdated: wire.lu ?? wire.lc,
  };
}

function changed(before: EntityState, change: WireChange): EntityState {
  const plus = change["+"] ?? {};
  return {
    entityId: before.entityId,
    state: plus.s ?? before.state,
    attributes: changedAttributes(before, change),
    context: changedContext(before.context, plus.c),
    lastChanged: plus.lc ?? before.lastChanged,
    lastUpdated: plus.lc ?? plus.lu ?? before.lastUpdated,
  };
}

function changedAttributes(before: EntityState, change: WireChange): EntityState["attributes"] {
  const plus = change["+"]?.a;
  const minus = change["-"]?.a;
  if (plus === undefined && minus === undefined) return before.attributes;
  const attributes = { ...before.attributes, ...plus };
  for (const key of minus ?? []) delete attributes[key];
  return attributes;
}

function changedContext(before: StateContext, wire: WireAddition["c"]): StateContext {
  if (wire === undefined) return before;
  return typeof wire === "string" ? { ...before, id: wire } : { ...before, ...wire };
}
