// The REST side of the hub: JSON in, JSON out, refusals as HubProblem.
import { HubProblem } from "./problem";
import { session } from "./session.svelte";

type Method = "GET" | "POST" | "DELETE";

/** Ask as the signed-in user. A token that the hub no longer takes is refreshed once. */
export async function ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const first = await send(method, path, body, await session.accessToken());
  const answer = first.status === 401 ? await send(method, path, body, await session.refresh()) : first;
  return read<T>(answer);
}

/** Ask without signing in: login, welcome, onboarding. */
export async function askPublic<T>(method: Method, path: string, body?: unknown): Promise<T> {
  return read<T>(await send(method, path, body));
}

function send(method: Method, path: string, body: unknown, token?: string): Promise<Response> {
  const headers = new Headers();
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  if (body === undefined) return fetch(path, { method, headers });
  headers.set("Content-Type", "application/json");
  return fetch(path, { method, headers, body: JSON.stringify(body) });
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  const value = parsed(text);
  if (response.ok) return value as T;
  throw new HubProblem(String(response.status), messageOf(value) ?? (text || response.statusText));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function messageOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("message" in value)) return null;
  return String(value.message);
}
