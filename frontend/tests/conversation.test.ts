// Only what was really done is shown as done.
import { expect, test } from "vitest";

import { heard } from "../src/agent/conversation.svelte";

const call = (action: string, outcome: string) => ({ action, outcome, target: {}, data: {}, confidence: 1 });

test("calls that were refused, asked about or only looked are not shown as done", () => {
  const calls = [
    call("light.turn_on", "accepted"),
    call("lock.unlock", "refused"),
    call("light.turn_off", "ask"),
    call("hearth.state", "accepted"),
  ];
  const message = heard({
    response: { response_type: "action_done", speech: { plain: { speech: "Done." } }, data: {} },
    conversation_id: "1",
    hearth: { source: "model", calls, confidence: 1 },
  });
  expect(message.calls.map(({ action }) => action)).toEqual(["light.turn_on"]);
});

test("an answer without our own part has no calls", () => {
  const message = heard({ response: { response_type: "error", speech: {}, data: {} }, conversation_id: null });
  expect(message).toMatchObject({ calls: [], problem: true, text: "" });
});
