import { createSubscriber } from "svelte/reactivity";

const subscribe = ticking(5_000);
const subscribeBySecond = ticking(1_000);

function ticking(ms: number): () => void {
  return createSubscriber((update) => {
    const timer = setInterval(update, ms);
    return () => clearInterval(timer);
  });
}

/** The time in epoch seconds; what reads it on screen is read again every few seconds. */
export function now(): number {
  subscribe();
  return Date.now() / 1000;
}

/** The same, read again every second: for what counts down. */
export function nowBySecond(): number {
  subscribeBySecond();
  return Date.now() / 1000;
}
