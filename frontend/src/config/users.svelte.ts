// The people and programs that can sign in, and what their role lets them do.
import { edits } from "../app/edits.svelte";
import { t } from "../i18n/messages.svelte";
import { hub } from "../net/hub.svelte";
import { listed } from "./listing.svelte";

export const ROLES = ["owner", "admin", "user", "guest", "service"] as const;
export type Role = (typeof ROLES)[number];
/** The roles that one can be given: there is one owner, and programs sign in by tokens alone. */
export const GIVEN_ROLES = ["admin", "user", "guest"] as const satisfies readonly Role[];

/** What a guest may see and use; an empty list leaves nothing out. */
export interface Limits {
  readonly areas: readonly string[];
  readonly domains: readonly string[];
}

/** Home Assistant's row, with our role and limits where the hub tells them. */
export interface UserRow {
  readonly id: string;
  readonly username: string | null;
  readonly name: string;
  readonly is_owner: boolean;
  readonly is_active: boolean;
  readonly system_generated: boolean;
  readonly group_ids: readonly string[];
  readonly role?: Role;
  readonly limits?: Limits;
}

export const NO_LIMITS: Limits = { areas: [], domains: [] };

export const users = listed<UserRow>("config/auth/list", ["user_added", "user_updated", "user_removed"]);

/** From the hub's own word, or from Home Assistant's groups. */
export function roleOf({ role, is_owner, system_generated, group_ids }: UserRow): Role {
  if (role !== undefined) return role;
  if (is_owner) return "owner";
  if (system_generated) return "service";
  if (group_ids.includes("system-admin")) return "admin";
  return group_ids.includes("system-read-only") ? "guest" : "user";
}

const GROUPS: Readonly<Record<Role, string>> = {
  owner: "system-admin",
  admin: "system-admin",
  user: "system-users",
  guest: "system-read-only",
  service: "system-users",
};

export interface NewUser {
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly role: Role;
}

/** Add somebody who can sign in; without a password that will do, nobody is added. */
export function addUser({ name, username, password, role }: NewUser): Promise<boolean> {
  return edits.make({
    name,
    text: t("edit.created", { name }),
    change: async () => {
      const { user } = await hub.act<{ user: UserRow }>({
        type: "config/auth/create",
        name,
        group_ids: [GROUPS[role]],
      });
      try {
        const credential = { user_id: user.id, username, password };
        await hub.act({ type: "config/auth_provider/homeassistant/create", ...credential });
      } catch (error) {
        await hub.act({ type: "config/auth/delete", user_id: user.id });
        throw error;
      }
      await users.load();
    },
  });
}

export interface UserChanges {
  readonly name?: string;
  readonly role?: Role;
  readonly is_active?: boolean;
  readonly limits?: Limits;
}

export function changeUser(user: UserRow, changes: UserChanges): Promise<boolean> {
  const before: UserChanges = {
    name: user.name,
    role: roleOf(user),
    is_active: user.is_active,
    limits: user.limits ?? NO_LIMITS,
  };
  const earlier = Object.fromEntries(
    Object.keys(changes).map((key) => [key, before[key as keyof UserChanges]]),
  ) as UserChanges;
  return edits.make({
    name: user.name,
    text: t("edit.changed", { name: user.name }),
    change: () => apply(user.id, changes),
    undo: () => apply(user.id, earlier),
  });
}

async function apply(user_id: string, { role, limits, ...plain }: UserChanges): Promise<void> {
  const groups = role === undefined ? {} : { group_ids: [GROUPS[role]] };
  if (role !== undefined || Object.keys(plain).length > 0)
    await hub.act({ type: "config/auth/update", user_id, ...plain, ...groups });
  if (limits !== undefined) await hub.act({ type: "hearth/user/limit", user_id, ...limits });
  await users.load();
}

export function setPassword(user: UserRow, password: string): Promise<boolean> {
  return edits.make({
    name: user.name,
    text: t("users.passwordSet", { name: user.name }),
    change: () =>
      hub.act({ type: "config/auth_provider/homeassistant/admin_change_password", user_id: user.id, password }),
  });
}

/** Delete somebody for good, with all tokens. */
export function removeUser(user: UserRow): Promise<boolean> {
  return edits.make({
    name: user.name,
    text: t("edit.deleted", { name: user.name }),
    change: async () => {
      await hub.act({ type: "config/auth/delete", user_id: user.id });
      await users.load();
    },
  });
}
