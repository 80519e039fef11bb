// What came out of a step, in words.
import { dataLabel } from "../agent/calls";
import { duration } from "../i18n/format";
import { t, word } from "../i18n/messages.svelte";
import { text } from "./comparison";
import type { StepRecord } from "./run";

type Data = Readonly<Record<string, unknown>>;

/** An action as a step carried it out. */
export interface CalledAction {
  readonly action: string;
  readonly target: Data;
  readonly data: Data;
}

/** The action of a step: with its templates rendered where it was reached, as written where it was not. */
export function calledAction(result: Data, config: Data): CalledAction | null {
  const params = data(result["params"]);
  if (typeof params["domain"] === "string") {
    const action = `${params["domain"]}.${text(params["service"])}`;
    return { action, target: data(params["target"]), data: data(params["service_data"]) };
  }
  const action = config["action"] ?? config["service"];
  if (typeof action !== "string") return null;
  return { action, target: data(config["target"]), data: data(config["data"]) };
}

/** The results of other steps, each as one line. */
export function resultLines({ kind, result, variables }: StepRecord): string[] {
  if (kind === "variables") return Object.entries(variables).map(([name, value]) => `${name} = ${text(value)}`);
  const { delay, choice, stop, event, event_data, wait, outcome } = result;
  const lines = [
    delay === undefined ? "" : duration(Number(delay)),
    choice === undefined ? "" : choiceLine(choice),
    typeof stop === "string" ? stop : "",
    event === undefined ? "" : `${text(event)} ${dataLabel(data(event_data))}`,
    wait === undefined ? "" : data(wait)["completed"] === false ? t("step.timedOut") : t("step.happened"),
    outcome === undefined || outcome === "accepted" ? "" : (word(`decision.outcome.${text(outcome)}`) ?? text(outcome)),
  ];
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

function choiceLine(choice: unknown): string {
  if (typeof choice === "number") return t("step.choice.option", { n: choice + 1 });
  return word(`step.choice.${text(choice)}`) ?? text(choice);
}

function data(value: unknown): Data {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Data) : {};
}
