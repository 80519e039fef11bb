// The items of a to-do list, followed while they are on screen, and what can be done to them.
import { edits } from "../../app/edits.svelte";
import { t } from "../../i18n/messages.svelte";
import { hub } from "../../net/hub.svelte";

export interface TodoItem {
  readonly uid: string;
  readonly summary: string;
  readonly status: "needs_action" | "completed";
  readonly due?: string | null;
  readonly description?: string | null;
}

export class TodoItems {
  #items = $state.raw<readonly TodoItem[] | null>(null);
  #problem = $state.raw<Error | null>(null);

  constructor(private readonly entityId: string) {}

  /** Open ones first; null until they are known. */
  get items(): readonly TodoItem[] | null {
    return this.#items;
  }

  get problem(): Error | null {
    return this.#problem;
  }

  follow(): () => void {
    const command = { type: "todo/item/subscribe", entity_id: this.entityId };
    return hub.listen(
      command,
      (event) => (this.#items = openFirst((event as { items: TodoItem[] }).items)),
      (problem) => (this.#problem = problem),
    );
  }

  add(summary: string): Promise<boolean> {
    return edits.make({
      name: summary,
      text: t("todo.added", { name: summary }),
      change: () => this.#call("add_item", { item: summary }),
      undo: () => this.#call("remove_item", { item: summary }),
    });
  }

  /** Checking takes no message: the item itself shows it. */
  check(item: TodoItem, done: boolean): Promise<unknown> {
    return this.#call("update_item", { item: item.uid, status: done ? "completed" : "needs_action" });
  }

  rename(item: TodoItem, summary: string): Promise<boolean> {
    return edits.make({
      name: item.summary,
      text: t("edit.changed", { name: summary }),
      change: () => this.#call("update_item", { item: item.uid, rename: summary }),
      undo: () => this.#call("update_item", { item: item.uid, rename: item.summary }),
    });
  }

  remove(item: TodoItem): Promise<boolean> {
    return edits.make({
      name: item.summary,
      text: t("edit.deleted", { name: item.summary }),
      change: () => this.#call("remove_item", { item: item.uid }),
      undo: () => this.#restore(item),
    });
  }

  removeCompleted(): Promise<boolean> {
    const done = (this.#items ?? []).filter(({ status }) => status === "completed");
    return edits.make({
      name: t("todo.completed"),
      text: t("todo.cleared"),
      change: () => this.#call("remove_completed_items", {}),
      undo: async () => {
        for (const item of done) await this.#restore(item);
      },
    });
  }

  async #restore({ summary, status, due, description }: TodoItem): Promise<void> {
    const extra = {
      ...(due && { [due.includes("T") ? "due_datetime" : "due_date"]: due }),
      ...(description && { description }),
    };
    await this.#call("add_item", { item: summary, ...extra });
    if (status === "completed") await this.#call("update_item", { item: summary, status });
  }

  #call(service: string, service_data: Readonly<Record<string, unknown>>): Promise<unknown> {
    const target = { entity_id: this.entityId };
    return hub.act({ type: "call_service", domain: "todo", service, service_data, target });
  }
}

/** What is still to be done before what is done; otherwise in the list's own order. */
export function openFirst(items: readonly TodoItem[]): readonly TodoItem[] {
  const open = items.filter(({ status }) => status !== "completed");
  return [...open, ...items.filter(({ status }) => status === "completed")];
}
