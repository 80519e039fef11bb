// The ways to become signed in: the one-time welcome of the owner, and Home Assistant's login flow.
import { askPublic } from "./http";
import { HubProblem } from "./problem";
import { clientId, session } from "./session.svelte";

export interface NewOwner {
  readonly code: string;
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly language: string;
}

/** Whether the hub has an owner; without one, only the welcome link leads in. */
export async function hasOwner(): Promise<boolean> {
  return (await askPublic<{ owner: boolean }>("GET", "/api/onboarding")).owner;
}

export async function createOwner(owner: NewOwner): Promise<void> {
  const { auth_code } = await askPublic<{ auth_code: string }>("POST", "/auth/welcome", {
    ...owner,
    client_id: clientId(),
  });
  await session.exchange(auth_code);
}

interface LoginStep {
  type: "form" | "create_entry" | "abort";
  flow_id?: string;
  result?: string;
  errors?: Record<string, string>;
}

/** Raises HubProblem with the form's error code if the hub refuses. */
export async function logIn(username: string, password: string): Promise<void> {
  const client_id = clientId();
  const flow = { client_id, handler: ["homeassistant", null], redirect_uri: client_id };
  const { flow_id } = await askPublic<LoginStep>("POST", "/auth/login_flow", flow);
  const step = await askPublic<LoginStep>("POST", `/auth/login_flow/${flow_id}`, { client_id, username, password });
  if (step.type !== "create_entry" || step.result === undefined) {
    const code = step.errors?.["base"] ?? "invalid_auth";
    throw new HubProblem(code, code);
  }
  await session.exchange(step.result);
}
