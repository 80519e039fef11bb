const FIRST_SECONDS = 1;
const MOST_SECONDS = 30;
const LEAST_SECONDS = 0.5;

/** Seconds before attempt number `attempt` (from 0): exponential with full jitter, so that clients do not return at once. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(MOST_SECONDS, FIRST_SECONDS * 2 ** attempt);
  return Math.max(LEAST_SECONDS, random() * ceiling);
}
