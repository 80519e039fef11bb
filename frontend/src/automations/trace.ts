// A run's flat list of steps as the tree that its paths describe, with what was never reached.
import type { Run, StepRecord } from "./run";

export type StepState = "ok" | "stopped" | "failed" | "unreached";

export interface TraceNode {
  readonly path: string;
  readonly kind: string;
  readonly state: StepState;
  /** null: never reached. */
  readonly step: StepRecord | null;
  /** The step as the automation says it; empty where it is not known. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly children: readonly TraceNode[];
}

export interface Trace {
  readonly triggers: readonly TraceNode[];
  readonly conditions: readonly TraceNode[];
  readonly actions: readonly TraceNode[];
}

type Config = Readonly<Record<string, unknown>>;

export function traceOf(run: Run): Trace {
  const nodes = nest(run.steps, run.config);
  const of = (root: string): TraceNode[] => nodes.filter(({ path }) => path.split("/")[0] === root);
  return { triggers: of("trigger"), conditions: of("condition"), actions: withUnreached(of("action"), run.config) };
}

/** Put each step below the nearest step whose path its own begins with. */
function nest(steps: readonly StepRecord[], config: Config): TraceNode[] {
  const paths = new Set(steps.map(({ path }) => path));
  const below = new Map<string, StepRecord[]>();
  for (const step of steps) {
    const parent = parentOf(step.path, paths);
    below.set(parent, [...(below.get(parent) ?? []), step]);
  }
  const build = (step: StepRecord): TraceNode => ({
    path: step.path,
    kind: step.kind,
    state: stateOf(step),
    step,
    config: configAt(config, step.path),
    children: (below.get(step.path) ?? []).filter((child) => child !== step).map(build),
  });
  return (below.get("") ?? []).map(build);
}

function parentOf(path: string, paths: ReadonlySet<string>): string {
  const parts = path.split("/");
  for (let length = parts.length - 1; length > 0; length -= 1) {
    const candidate = parts.slice(0, length).join("/");
    if (paths.has(candidate)) return candidate;
  }
  return "";
}

export function stateOf({ error, result }: StepRecord): StepState {
  if (error !== null) return "failed";
  return result["result"] === false ? "stopped" : "ok";
}

function withUnreached(nodes: readonly TraceNode[], config: Config): TraceNode[] {
  const reached = new Set(nodes.map(({ path }) => path));
  const missing = stepsOf(config, "action").flatMap((step, index) => {
    const path = `action/${index}`;
    return reached.has(path)
      ? []
      : [{ path, kind: kindOf(step), state: "unreached" as const, step: null, config: step, children: [] }];
  });
  return [...nodes, ...missing];
}

/** The words of the automation file that name a step's kind. */
const KINDS = [
  "agent",
  "choose",
  "if",
  "delay",
  "variables",
  "wait_for_trigger",
  "wait_template",
  "repeat",
  "stop",
  "event",
  "condition",
];

function kindOf(step: Config): string {
  return KINDS.find((kind) => kind in step) ?? "action";
}

function stepsOf(config: Config, root: string): Config[] {
  const value = config[`${root}s`] ?? config[root];
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.map((item) => (typeof item === "object" && item !== null ? (item as Config) : {}));
}

/** What the automation says at "action/1/choose/0/sequence/0"; empty if the path leads nowhere. */
function configAt(config: Config, path: string): Config {
  const [root = "", index = "", ...rest] = path.split("/");
  let found: unknown = stepsOf(config, root)[Number(index)];
  for (const part of rest) {
    if (typeof found !== "object" || found === null) return {};
    found = (found as Record<string, unknown>)[part];
  }
  return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Config) : {};
}
