// What lies over the page: search, notifications or help; one at a time.
export type Overlay = "search" | "notifications" | "help";

class Overlays {
  #shown = $state.raw<Overlay | null>(null);

  get shown(): Overlay | null {
    return this.#shown;
  }

  show(overlay: Overlay): void {
    this.#shown = overlay;
  }

  readonly close = (): void => {
    this.#shown = null;
  };
}

export const overlays = new Overlays();
