// One entity on screen: what it last reported, and above that what an action in flight is expected to make of it.
import { type Expectation, expected, fulfils } from "./expectation";
import type { EntityState } from "./state";

export type Outcome = "met" | "unconfirmed" | "superseded" | "failed";

const RING_AFTER_MS = 300;
const GIVE_UP_AFTER_MS = 5_000;
/** A device that answered with something else has this long to reach what was asked. */
const SETTLE_AFTER_MS = 1_000;

export class Cell {
  #reported = $state.raw<EntityState | undefined>();
  #pending = $state.raw<Pending | null>(null);
  #slow = $state(false);

  /** What to show: the report, or the expectation while an action is in flight. */
  get state(): EntityState | undefined {
    const wish = this.#pending?.wish;
    return wish == null ? this.#reported : expected(this.#reported, wish);
  }

  /** Whether an action has been in flight for long enough to say so. */
  get slow(): boolean {
    return this.#slow;
  }

  report(state: EntityState | undefined): void {
    this.#reported = state;
    this.#pending?.reported(state);
  }

  /** Show the expectation until it is met, given up or replaced. */
  expect(wish: Expectation | null): Pending {
    this.#pending?.finish("superseded");
    const pending = new Pending(wish, this.#reported, () => {
      if (this.#pending !== pending) return;
      this.#pending = null;
      this.#slow = false;
    });
    this.#pending = pending;
    this.#slow = false;
    pending.after(RING_AFTER_MS, () => (this.#slow = this.#pending === pending));
    pending.after(GIVE_UP_AFTER_MS, () => pending.finish("unconfirmed"));
    return pending;
  }
}

/** An action in flight on one entity. */
export class Pending {
  readonly outcome: Promise<Outcome>;
  #resolve!: (outcome: Outcome) => void;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #acknowledged = false;
  #reports = 0;

  constructor(
    readonly wish: Expectation | null,
    private latest: EntityState | undefined,
    private readonly ended: () => void,
  ) {
    this.outcome = new Promise((resolve) => (this.#resolve = resolve));
  }

  after(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(act, ms));
  }

  /** The hub has done the action; the device may still have to report. */
  acknowledge(): void {
    this.#acknowledged = true;
    this.#check();
  }

  reported(state: EntityState | undefined): void {
    this.latest = state;
    this.#reports += 1;
    this.#check();
  }

  finish(outcome: Outcome): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    this.ended();
    this.#resolve(outcome);
  }

  #check(): void {
    const met = this.wish === null ? this.#acknowledged : fulfils(this.latest, this.wish);
    if (met && (this.#acknowledged || this.#reports > 0)) this.finish("met");
    else if (this.#acknowledged && this.#reports > 0) this.after(SETTLE_AFTER_MS, () => this.finish("met"));
  }
}
