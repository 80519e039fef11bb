// What a user may see and use, between the hub's capabilities and the form: everything, or certain rooms and kinds.
import type { Role } from "./users.svelte";

/** One capability as the hub writes it; without an action (null) what matches may only be seen. */
export interface Grant {
  readonly action: string | null;
  readonly area?: readonly string[];
  readonly domain?: readonly string[];
  readonly label?: readonly string[];
  readonly entity?: readonly string[];
}

export interface Access {
  readonly everything: boolean;
  /** Whether what is seen may be used, too. */
  readonly control: boolean;
  readonly areas: readonly string[];
  readonly domains: readonly string[];
}

const NOTHING: Access = { everything: false, control: true, areas: [], domains: [] };
const EVERYTHING: Access = { ...NOTHING, everything: true };

/** What a role may without capabilities of its own: users everything, guests and programs nothing. */
export function accessOfRole(role: Role): Access {
  return role === "guest" || role === "service" ? NOTHING : EVERYTHING;
}

/** null: these capabilities are finer than the form can show. */
export function accessOf(role: Role, grants: readonly Grant[] | null): Access | null {
  if (grants === null) return accessOfRole(role);
  if (grants.length === 0) return NOTHING;
  const [grant] = grants;
  const finer = grant?.label?.length || grant?.entity?.length || !["*", null].includes(grant?.action ?? null);
  if (grant === undefined || grants.length > 1 || finer) return null;
  const { area: areas = [], domain: domains = [] } = grant;
  return { everything: areas.length + domains.length === 0, control: grant.action === "*", areas, domains };
}

/** The capabilities to send; null leaves it to the role. */
export function grantsOf(role: Role, access: Access): readonly Grant[] | null {
  if (JSON.stringify(access) === JSON.stringify(accessOfRole(role))) return null;
  const action = access.control ? "*" : null;
  if (access.everything) return role === "user" && access.control ? null : [{ action }];
  const bounds = {
    ...(access.areas.length > 0 && { area: access.areas }),
    ...(access.domains.length > 0 && { domain: access.domains }),
  };
  return Object.keys(bounds).length === 0 ? [] : [{ action, ...bounds }];
}
