// Who is signed in on this browser: the tokens, kept in localStorage, exchanged and refreshed by Home Assistant's grants.
import { HubProblem } from "./problem";

interface Tokens {
  access: string;
  refresh: string;
  /** Epoch milliseconds. */
  expires: number;
}

interface TokenAnswer {
  access_token: string;
  expires_in: number;
  refresh_token?: string;
}

const KEY = "hearth.tokens";
const EARLY_MS = 60_000;

export function clientId(): string {
  return `${location.origin}/`;
}

class Session {
  #tokens = $state.raw<Tokens | null>(kept());
  #refreshing: Promise<string> | null = null;

  constructor() {
    addEventListener("storage", (event) => {
      if (event.key === KEY) this.#tokens = kept();
    });
  }

  get signedIn(): boolean {
    return this.#tokens !== null;
  }

  /** Trade the one-time code of a login or welcome for tokens. */
  async exchange(code: string): Promise<void> {
    const answer = await grant({ grant_type: "authorization_code", code });
    this.#keep(answer, answer.refresh_token ?? "");
  }

  /** A token that is good for at least another minute. */
  async accessToken(): Promise<string> {
    const tokens = this.#tokens;
    if (tokens === null) throw new HubProblem("signed_out", "Signed out");
    return tokens.expires - Date.now() > EARLY_MS ? tokens.access : this.refresh();
  }

  /** Fetch a new access token; several callers share one request. */
  refresh(): Promise<string> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async signOut(): Promise<void> {
    const refresh = this.#tokens?.refresh;
    this.forget();
    if (refresh) await post("/auth/revoke", { token: refresh }).catch(() => undefined);
  }

  forget(): void {
    localStorage.removeItem(KEY);
    this.#tokens = null;
  }

  async #refresh(): Promise<string> {
    const refresh = this.#tokens?.refresh ?? "";
    try {
      const answer = await grant({ grant_type: "refresh_token", refresh_token: refresh });
      this.#keep(answer, refresh);
      return answer.access_token;
    } catch (error) {
      if (error instanceof HubProblem) this.forget();
      throw error;
    }
  }

  #keep(answer: TokenAnswer, refresh: string): void {
    const expires = Date.now() + answer.expires_in * 1000;
    this.#tokens = { access: answer.access_token, refresh, expires };
    localStorage.setItem(KEY, JSON.stringify(this.#tokens));
  }
}

async function grant(fields: Record<string, string>): Promise<TokenAnswer> {
  const response = await post("/auth/token", { ...fields, client_id: clientId() });
  if (response.status >= 500) throw new Error(response.statusText);
  if (!response.ok) throw new HubProblem("invalid_grant", response.statusText);
  return (await response.json()) as TokenAnswer;
}

function post(path: string, fields: Record<string, string>): Promise<Response> {
  return fetch(path, { method: "POST", body: new URLSearchParams(fields) });
}

function kept(): Tokens | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") as Tokens | null;
  } catch {
    return null;
  }
}

export const session = new Session();
