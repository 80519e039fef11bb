export type ConfidenceLevel = "guess" | "low" | "medium" | "high";

const LOW = 0.35;
const MEDIUM = 0.6;
const HIGH = 0.85;

/** A confidence in words, by the same limits as the hub's: the number alone says little. */
export function confidenceLevel(share: number): ConfidenceLevel {
  if (share >= HIGH) return "high";
  if (share >= MEDIUM) return "medium";
  return share >= LOW ? "low" : "guess";
}
