// The people and programs that can sign in, and what their role lets them do.
import { edits } from "../app/edits.svelte";
import { t } from "../i18n/messages.svelte";
import { hub } from "../net/hub.svelte";
import type { Grant } from "./access";
import { listed } from "./listing.svelte";

export const ROLES = ["owner", "admin", "user", "guest", "service"] as const;
export type Role = (typeof ROLES)[number];
/** The roles that people can be given; there is one owner. */
export const GIVEN_ROLES = ["admin", "user", "guest"] as const satisfies readonly Role[];

/** Home Assistant's row, with our role and capabilities. */
export interface UserRow {
  readonly id: string;
  readonly username: string | null;
  readonly name: string;
  readonly is_owner: boolean;
  readonly is_active: boolean;
  readonly system_generated: boolean;
  readonly role: Role;
  /** null: what the role may by itself. */
  readonly capabilities: readonly Grant[] | null;
}

export const users = listed<UserRow>("config/auth/list", ["user_added", "user_updated", "user_removed"]);

export interface NewUser {
  readonly name: string;
  readonly role: Role;
  readonly capabilities: readonly Grant[] | null;
  /** Programs have none: they sign in by tokens. */
  readonly username?: string;
  readonly password?: string;
}

export function addUser(user: NewUser): Promise<boolean> {
  return edits.make({
    name: user.name,
    text: t("edit.created", { name: user.name }),
    change: async () => {
      await hub.act({ type: "hearth/user/create", ...user });
      await users.load();
    },
  });
}

export interface UserChanges {
  readonly name?: string;
  readonly role?: Role;
  readonly is_active?: boolean;
  readonly capabilities?: readonly Grant[] | null;
}

export function changeUser(user: UserRow, changes: UserChanges): Promise<boolean> {
  const update = async (fields: UserChanges): Promise<void> => {
    await hub.act({ type: "hearth/user/update", user_id: user.id, ...fields });
    await users.load();
  };
  const earlier = Object.keys(changes).map((key) => [key, user[key as keyof UserChanges]]);
  return edits.make({
    name: user.name,
    text: t("edit.changed", { name: user.name }),
    change: () => update(changes),
    undo: () => update(Object.fromEntries(earlier) as UserChanges),
  });
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
