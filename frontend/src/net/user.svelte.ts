import { createSubscriber } from "svelte/reactivity";

import { hub } from "./hub.svelte";

export interface User {
  id: string;
  name: string;
  is_owner: boolean;
  is_admin: boolean;
  role: "owner" | "admin" | "user" | "guest" | "service";
  /** Whether what belongs to the home as a whole, such as its automations, is shown to them. */
  sees_house: boolean;
}

/** What somebody has to be, to be shown something. */
export type Need = "admin" | "house";

/** Whether it is shown to a user; until they are known, everything is. */
export function isShown(need: Need | undefined, user: User | null): boolean {
  if (need === undefined || user === null) return true;
  return need === "admin" ? user.is_admin : user.sees_house;
}

/** Who is signed in, asked once. */
class CurrentUser {
  #user: User | null = null;
  readonly #subscribe = createSubscriber((update) => {
    void hub
      .request<User>({ type: "auth/current_user" })
      .then((user) => {
        this.#user = user;
        update();
      })
      .catch(() => undefined);
  });

  get value(): User | null {
    this.#subscribe();
    return this.#user;
  }
}

export const currentUser = new CurrentUser();
