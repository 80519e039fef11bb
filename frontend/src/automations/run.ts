// The record of one execution, as the hub keeps it (hub/core/records.py), and its row in a list. Times are epoch seconds.
export type RunOutcome =
  | "finished"
  | "aborted"
  | "cancelled"
  | "error"
  | "failed_conditions"
  | "failed_single"
  | "failed_max_runs"
  | "disallowed_recursion_detected";

type Data = Readonly<Record<string, unknown>>;

export interface DecisionOption {
  readonly name: string;
  readonly probability: number;
}

export interface ToolCall {
  readonly action: string;
  readonly target: Data;
  readonly data: Data;
  readonly entities: readonly string[];
  /** accepted, refused, failed, unknown, proposed or ask. */
  readonly outcome: string;
  readonly reason: string | null;
  readonly confidence: number;
}

export interface Decision {
  readonly question: string;
  readonly source: string;
  readonly model: string | null;
  readonly options: readonly DecisionOption[];
  readonly calls: readonly ToolCall[];
  readonly confidence: number;
  readonly confidence_reason: string;
  readonly answer: string;
  readonly raw: string;
  readonly prompt: string;
  readonly prompt_tokens: number;
  readonly output_tokens: number;
  readonly duration: number;
}

export interface StepRecord {
  readonly path: string;
  readonly kind: string;
  readonly started: number;
  readonly finished: number | null;
  readonly compared: Data;
  readonly result: Data;
  readonly variables: Data;
  readonly decision: Decision | null;
  readonly error: string | null;
}

export interface RunRow {
  readonly run_id: string;
  readonly automation_id: string;
  readonly entity_id: string;
  readonly started: number;
  readonly finished: number | null;
  readonly outcome: RunOutcome | null;
  readonly trigger: Data;
}

export interface Run extends RunRow {
  readonly steps: readonly StepRecord[];
  readonly context: { readonly id?: string; readonly parent_id?: string | null; readonly user_id?: string | null };
  readonly config: Data;
  readonly blueprint: string | null;
  readonly inputs: Data;
  readonly error: string | null;
}

export type Verdict = "good" | "quiet" | "bad" | "busy";

/** How an outcome should look: a run that its conditions stopped is neither a success nor a fault. */
export function verdict(outcome: RunOutcome | null): Verdict {
  if (outcome === null) return "busy";
  if (outcome === "finished") return "good";
  return outcome === "failed_conditions" || outcome === "cancelled" || outcome === "aborted" ? "quiet" : "bad";
}

export function runPath({ automation_id, run_id }: Pick<RunRow, "automation_id" | "run_id">): string {
  return `/automations/${encodeURIComponent(automation_id)}/runs/${encodeURIComponent(run_id)}`;
}
