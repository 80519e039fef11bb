// The notifications that wait to be read, as the hub keeps them.
import { createSubscriber } from "svelte/reactivity";

import { hub } from "../net/hub.svelte";

export interface Notification {
  readonly notification_id: string;
  readonly title: string | null;
  readonly message: string;
  readonly created_at: string;
}

export interface NotificationEvent {
  readonly type: "current" | "added" | "updated" | "removed";
  readonly notifications: Readonly<Record<string, Notification>>;
}

class Notifications {
  #known: ReadonlyMap<string, Notification> = new Map();
  readonly #subscribe = createSubscriber((update) =>
    hub.listen({ type: "persistent_notification/subscribe" }, (event) => {
      this.#known = after(this.#known, event as NotificationEvent);
      update();
    }),
  );

  /** The newest first. */
  get list(): readonly Notification[] {
    this.#subscribe();
    return [...this.#known.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));
  }

  dismiss({ notification_id }: Notification): Promise<unknown> {
    return call("dismiss", { notification_id });
  }

  dismissAll(): Promise<unknown> {
    return call("dismiss_all", {});
  }
}

export function after(
  known: ReadonlyMap<string, Notification>,
  { type, notifications }: NotificationEvent,
): ReadonlyMap<string, Notification> {
  const next = new Map(type === "current" ? [] : known);
  for (const [id, notification] of Object.entries(notifications)) {
    if (type === "removed") next.delete(id);
    else next.set(id, notification);
  }
  return next;
}

function call(service: string, service_data: Readonly<Record<string, unknown>>): Promise<unknown> {
  return hub.act({ type: "call_service", domain: "persistent_notification", service, service_data });
}

export const notifications = new Notifications();
