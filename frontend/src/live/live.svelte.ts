// The one store of live states. Diffs are applied once per animation frame, and each touched entity is told once.
import { Cell } from "./cell.svelte";
import { applyEvent, type EntityEvent } from "./diff";
import type { EntityState } from "./state";

export class LiveStates {
  readonly #states = new Map<string, EntityState>();
  readonly #cells = new Map<string, Cell>();
  #queue: { event: EntityEvent; snapshotOf: readonly string[] | null }[] = [];
  #frame = 0;
  #made = $state(0);
  #announcing = false;

  constructor(private readonly nextFrame: (flush: () => void) => number = requestAnimationFrame) {}

  cell(entityId: string): Cell {
    const found = this.#cells.get(entityId);
    if (found !== undefined) return found;
    const cell = new Cell();
    this.#cells.set(entityId, cell);
    this.#runAgain();
    return cell;
  }

  /** Svelte does not track what a reaction reads of state that the reaction itself has made: let it run once more. */
  #runAgain(): void {
    void this.#made;
    if (this.#announcing) return;
    this.#announcing = true;
    queueMicrotask(() => {
      this.#announcing = false;
      this.#made += 1;
    });
  }

  /** Queue an event for the next frame. The first one of a subscription replaces all that it covers. */
  take(event: EntityEvent, snapshotOf: readonly string[] | null = null): void {
    this.#queue.push({ event, snapshotOf });
    this.#frame ||= this.nextFrame(() => this.#flush());
  }

  #flush(): void {
    this.#frame = 0;
    const touched = new Set<string>();
    for (const { event, snapshotOf } of this.#queue.splice(0)) {
      for (const id of this.#missing(event, snapshotOf)) touched.add(id);
      for (const id of applyEvent(this.#states, event)) touched.add(id);
    }
    for (const id of touched) this.cell(id).report(this.#states.get(id));
  }

  #missing(event: EntityEvent, snapshotOf: readonly string[] | null): string[] {
    return (snapshotOf ?? []).filter((id) => !(id in (event.a ?? {})) && this.#states.delete(id));
  }
}

export const live = new LiveStates((flush) => requestAnimationFrame(flush));
