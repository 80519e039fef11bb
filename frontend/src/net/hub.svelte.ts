// The connection to the hub: opens the socket, signs in, comes back after a drop and renews what was listened to.
import { backoff } from "./backoff";
import { Channel, type Command } from "./channel";
import { HubProblem } from "./problem";
import { session } from "./session.svelte";

export type Connection =
  | { kind: "connecting" }
  | { kind: "live" }
  /** Epoch milliseconds of the next attempt. */
  | { kind: "waiting"; retryAt: number };

/** `first` marks the first event after each (re)connection: a snapshot, where the command sends one. */
export type OnHubEvent = (event: unknown, first: boolean) => void;

interface Listening {
  command: Command;
  onEvent: OnHubEvent;
  onProblem: (error: Error) => void;
  id: number | null;
  ended: boolean;
}

const PING_EVERY_MS = 25_000;
const PING_TIMEOUT_SECONDS = 8;

class Hub {
  #connection = $state.raw<Connection>({ kind: "connecting" });
  /** Epoch milliseconds since when nothing has come in, null while live. */
  #lostAt = $state<number | null>(null);
  #socket: WebSocket | null = null;
  #channel: Channel | null = null;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setInterval> | undefined;
  #waitingForLive: (() => void)[] = [];
  readonly #onLive = new Set<() => void>();
  readonly #listening = new Set<Listening>();

  get connection(): Connection {
    return this.#connection;
  }

  get lostAt(): number | null {
    return this.#lostAt;
  }

  start(): void {
    if (this.#socket !== null) return;
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this.#open();
  }

  stop(): void {
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#forgetSocket("Signed out");
    this.#attempt = 0;
    this.#connection = { kind: "connecting" };
  }

  /** Do not wait for the next attempt. */
  readonly hurry = (): void => {
    if (this.#connection.kind === "waiting") this.#open();
  };

  /** Ask for something, which may be asked twice: while there is no connection, or when it drops, wait for the next. */
  async request<T>(command: Command, timeout?: number): Promise<T> {
    for (;;) {
      if (this.#channel === null) await this.#live();
      try {
        return (await this.#channel!.request(command, timeout)) as T;
      } catch (error) {
        if (!(error instanceof HubProblem) || error.code !== "connection_lost") throw error;
      }
    }
  }

  /** Ask now or fail: for what the user does, which must not happen later by surprise. */
  async act<T>(command: Command, timeout?: number): Promise<T> {
    if (this.#channel === null) throw new HubProblem("connection_lost", "Not connected");
    return (await this.#channel.request(command, timeout)) as T;
  }

  /** Listen until the returned function is called, across reconnections. */
  listen(command: Command, onEvent: OnHubEvent, onProblem: (error: Error) => void = () => undefined): () => void {
    const listening: Listening = { command, onEvent, onProblem, id: null, ended: false };
    this.#listening.add(listening);
    void this.#renew(listening);
    return () => this.#end(listening);
  }

  /** Call back now if there is a connection, and at every new one, until the returned function is called. */
  whenLive(callback: () => void): () => void {
    this.#onLive.add(callback);
    if (this.#channel !== null) callback();
    return () => this.#onLive.delete(callback);
  }

  #live(): Promise<void> {
    return new Promise((resolve) => this.#waitingForLive.push(resolve));
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#connection = { kind: "connecting" };
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/websocket`);
    this.#socket = socket;
    socket.onmessage = ({ data }) => void this.#handshake(socket, String(data));
    socket.onclose = () => this.#closed(socket);
  }

  async #handshake(socket: WebSocket, frame: string): Promise<void> {
    const { type } = JSON.parse(frame) as { type: string };
    if (type === "auth_required") await this.#signIn(socket);
    if (type === "auth_ok") this.#ready(socket);
    if (type === "auth_invalid") await session.refresh().catch(() => undefined);
  }

  async #signIn(socket: WebSocket): Promise<void> {
    try {
      socket.send(JSON.stringify({ type: "auth", access_token: await session.accessToken() }));
    } catch {
      socket.close();
    }
  }

  #ready(socket: WebSocket): void {
    const channel = new Channel((text) => socket.send(text));
    this.#channel = channel;
    socket.onmessage = ({ data }) => channel.receive(String(data));
    this.#attempt = 0;
    this.#lostAt = null;
    this.#connection = { kind: "live" };
    void channel.request({ type: "supported_features", features: { coalesce_messages: 1 } });
    for (const listening of this.#listening) void this.#renew(listening);
    for (const resolve of this.#waitingForLive.splice(0)) resolve();
    for (const callback of this.#onLive) callback();
    this.#ping = setInterval(() => void this.#checkAlive(socket, channel), PING_EVERY_MS);
  }

  async #checkAlive(socket: WebSocket, channel: Channel): Promise<void> {
    await channel.request({ type: "ping" }, PING_TIMEOUT_SECONDS).catch(() => socket.close());
  }

  async #renew(listening: Listening): Promise<void> {
    const channel = this.#channel;
    if (channel === null) return;
    let first = true;
    const onEvent = (event: unknown): void => {
      if (!listening.ended) listening.onEvent(event, first);
      first = false;
    };
    try {
      listening.id = await channel.listen(listening.command, onEvent);
      if (listening.ended) await channel.unlisten(listening.id);
    } catch (error) {
      listening.onProblem(error as Error);
    }
  }

  #end(listening: Listening): void {
    listening.ended = true;
    this.#listening.delete(listening);
    if (listening.id !== null) void this.#channel?.unlisten(listening.id).catch(() => undefined);
  }

  #closed(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#forgetSocket("Connection lost");
    this.#lostAt ??= Date.now();
    if (!session.signedIn) return;
    const seconds = backoff(this.#attempt++);
    this.#connection = { kind: "waiting", retryAt: Date.now() + seconds * 1000 };
    this.#timer = setTimeout(() => this.#open(), seconds * 1000);
  }

  #forgetSocket(why: string): void {
    clearInterval(this.#ping);
    this.#channel?.close(why);
    this.#channel = null;
    this.#socket = null;
    for (const listening of this.#listening) listening.id = null;
  }
}

export const hub = new Hub();
