// What the user has changed and can take back: with the toast that says so, or with Ctrl-Z, the latest first.
import { t } from "../i18n/messages.svelte";
import { reason } from "../net/problem";
import { toasts } from "./toasts.svelte";

interface Done {
  readonly toast: number;
  readonly undo: () => Promise<unknown>;
}

export interface Edit<Made> {
  /** What to call the changed thing in a message. */
  readonly name: string;
  /** What is said when it is done. */
  readonly text: string;
  readonly change: () => Promise<Made>;
  /** Restore the earlier value; gets what the change returned. */
  readonly undo?: (made: Made) => Promise<unknown>;
}

const MOST = 50;

export class Edits {
  #done: Done[] = [];

  /** Make the change, say so and offer to take it back; true if the hub accepted it. */
  async make<Made>({ name, text, change, undo }: Edit<Made>): Promise<boolean> {
    try {
      const made = await change();
      if (undo === undefined) toasts.info(text);
      else this.did(text, () => undo(made));
      return true;
    } catch (error) {
      toasts.problem(t("act.failed", { name, reason: reason(error) }));
      return false;
    }
  }

  /** Say what has been done already, and offer to take it back. */
  did(text: string, undo: () => Promise<unknown>): void {
    const toast: number = toasts.info(text, { label: t("undo"), run: () => void this.#takeBack(done) });
    const done: Done = { toast, undo };
    this.#done = [...this.#done, done].slice(-MOST);
  }

  /** Take back what was done last; false if there is nothing. */
  async undoLatest(): Promise<boolean> {
    const latest = this.#done.at(-1);
    if (latest === undefined) return false;
    await this.#takeBack(latest);
    return true;
  }

  async #takeBack(done: Done): Promise<void> {
    if (!this.#done.includes(done)) return;
    this.#done = this.#done.filter((each) => each !== done);
    toasts.dismiss(done.toast);
    try {
      await done.undo();
      toasts.info(t("undone"));
    } catch (error) {
      toasts.problem(t("undo.failed", { reason: reason(error) }));
    }
  }
}

export const edits = new Edits();
