// One authenticated conversation with the hub, apart from its socket: numbers requests, hands answers and events back.
import { HubProblem } from "./problem";

export interface Command {
  type: string;
  [key: string]: unknown;
}

export type OnEvent = (event: unknown) => void;

interface Incoming {
  id: number;
  type: "result" | "event" | "pong";
  success?: boolean;
  result?: unknown;
  error?: { code: string; message: string };
  event?: unknown;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

const DEFAULT_TIMEOUT_SECONDS = 15;

export class Channel {
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<number, OnEvent>();

  constructor(private readonly send: (text: string) => void) {}

  request(command: Command, timeout = DEFAULT_TIMEOUT_SECONDS): Promise<unknown> {
    return this.#ask(++this.#lastId, command, timeout);
  }

  /** Listen from the request on: the first event may come together with the answer. */
  async listen(command: Command, onEvent: OnEvent): Promise<number> {
    const id = ++this.#lastId;
    this.#listeners.set(id, onEvent);
    await this.#ask(id, command, DEFAULT_TIMEOUT_SECONDS).catch((error: unknown) => {
      this.#listeners.delete(id);
      throw error;
    });
    return id;
  }

  async unlisten(id: number): Promise<void> {
    if (!this.#listeners.delete(id)) return;
    await this.request({ type: "unsubscribe_events", subscription: id });
  }

  /** Take one frame: a message, or several of them as an array. */
  receive(frame: string): void {
    const messages = JSON.parse(frame) as Incoming | Incoming[];
    for (const message of Array.isArray(messages) ? messages : [messages]) this.#take(message);
  }

  close(why: string): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new HubProblem("connection_lost", why));
    }
    this.#waiting.clear();
    this.#listeners.clear();
  }

  #ask(id: number, command: Command, timeout: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new HubProblem("timeout", `No answer to ${command.type} within ${timeout} s`));
      }, timeout * 1000);
      this.#waiting.set(id, { resolve, reject, timer });
      this.send(JSON.stringify({ id, ...command }));
    });
  }

  #take(message: Incoming): void {
    if (message.type === "event") this.#listeners.get(message.id)?.(message.event);
    else this.#answer(message);
  }

  #answer(message: Incoming): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.success === false) waiting.reject(problemOf(message));
    else waiting.resolve(message.result);
  }
}

function problemOf({ error }: Incoming): HubProblem {
  return new HubProblem(error?.code ?? "unknown_error", error?.message ?? "Unknown error");
}
