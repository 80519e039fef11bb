import { createSubscriber } from "svelte/reactivity";

import { hub } from "./hub.svelte";

export interface User {
  id: string;
  name: string;
  is_owner: boolean;
  is_admin: boolean;
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
