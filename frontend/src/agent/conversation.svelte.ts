// The conversation with the agent, kept while the dashboard is open.
import { language } from "../i18n/messages.svelte";
import { hub } from "../net/hub.svelte";
import { reason } from "../net/problem";

/** A call that was really carried out; "hearth." ones only look at states. */
export interface ExecutedCall {
  readonly action: string;
  readonly target: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, unknown>>;
  readonly confidence: number;
}

export interface Answered {
  readonly id: string;
  readonly name: string;
}

export interface Message {
  readonly id: number;
  readonly from: "user" | "agent";
  readonly text: string;
  readonly problem: boolean;
  readonly calls: readonly ExecutedCall[];
  readonly entities: readonly Answered[];
  readonly confidence: number | null;
  readonly source: string | null;
  readonly seconds: number | null;
}

interface ProcessAnswer {
  response: {
    response_type: "action_done" | "query_answer" | "error";
    speech: { plain?: { speech: string } };
    data: { success?: { name: string; type: string; id: string }[] };
  };
  conversation_id: string | null;
  hearth?: {
    source: string;
    calls: (ExecutedCall & { outcome: string })[];
    confidence: number;
    run_id?: string | null;
  };
}

const TIMEOUT_SECONDS = 60;
const MOST_MESSAGES = 200;

class Conversation {
  #messages = $state.raw<readonly Message[]>([]);
  #busy = $state(false);
  #id: string | null = null;
  #lastMessage = 0;

  get messages(): readonly Message[] {
    return this.#messages;
  }

  get busy(): boolean {
    return this.#busy;
  }

  async say(text: string): Promise<void> {
    if (this.#busy) return;
    this.#add({ ...BLANK, from: "user", text });
    this.#busy = true;
    const began = performance.now();
    try {
      const answer = await hub.act<ProcessAnswer>(
        { type: "conversation/process", text, language: language(), conversation_id: this.#id },
        TIMEOUT_SECONDS,
      );
      this.#id = answer.conversation_id;
      this.#add({ ...heard(answer), seconds: (performance.now() - began) / 1000 });
    } catch (error) {
      this.#add({ ...BLANK, text: reason(error), problem: true });
    } finally {
      this.#busy = false;
    }
  }

  clear(): void {
    this.#messages = [];
    this.#id = null;
  }

  #add(message: Omit<Message, "id">): void {
    this.#messages = [...this.#messages, { ...message, id: ++this.#lastMessage }].slice(-MOST_MESSAGES);
  }
}

const BLANK: Omit<Message, "id"> = {
  from: "agent",
  text: "",
  problem: false,
  calls: [],
  entities: [],
  confidence: null,
  source: null,
  seconds: null,
};

export function heard({ response, hearth }: ProcessAnswer): Omit<Message, "id"> {
  const entities = (response.data.success ?? []).filter(({ type }) => type === "entity");
  return {
    ...BLANK,
    text: response.speech.plain?.speech ?? "",
    problem: response.response_type === "error",
    calls: (hearth?.calls ?? []).filter((call) => call.outcome === "accepted" && !call.action.startsWith("hearth.")),
    entities: entities.map(({ id, name }) => ({ id, name })),
    confidence: hearth?.confidence ?? null,
    source: hearth?.source ?? null,
  };
}

export const conversation = new Conversation();
