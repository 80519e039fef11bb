import { createSubscriber } from "svelte/reactivity";

const TICK_MS = 5_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  return () => clearInterval(timer);
});

/** The time in epoch seconds; what reads it on screen is read again every few seconds. */
export function now(): number {
  subscribe();
  return Date.now() / 1000;
}
