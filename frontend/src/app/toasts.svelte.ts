// Short messages at the edge of the screen, read out politely, with an undo where there is one.
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: "info" | "problem";
  readonly action: { label: string; run: () => void } | null;
}

const SHOWN_MS = 8_000;
const MOST = 4;

class Toasts {
  #shown = $state.raw<readonly Toast[]>([]);
  #lastId = 0;

  get shown(): readonly Toast[] {
    return this.#shown;
  }

  /** Show it and return its id. */
  info(text: string, action: Toast["action"] = null): number {
    return this.#show({ id: ++this.#lastId, text, kind: "info", action });
  }

  problem(text: string): void {
    if (this.#shown.some((toast) => toast.text === text)) return;
    this.#show({ id: ++this.#lastId, text, kind: "problem", action: null });
  }

  dismiss(id: number): void {
    this.#shown = this.#shown.filter((toast) => toast.id !== id);
  }

  #show(toast: Toast): number {
    this.#shown = [...this.#shown, toast].slice(-MOST);
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
    return toast.id;
  }
}

export const toasts = new Toasts();
