// Who may talk to the hub through a chat: channels, strangers who were given a code, and those who were let in.
import { createSubscriber } from "svelte/reactivity";

import { hub } from "../net/hub.svelte";

interface Place {
  readonly integration: string;
  readonly entry_id: string;
  readonly title: string;
}

export interface Channel extends Place {
  readonly connected: boolean | null;
  readonly reason: string | null;
  readonly dropped: number;
}

export interface Pairing extends Place {
  readonly pairing_id: string;
  readonly address: string;
  readonly created: number;
  readonly expires: number;
}

export interface Sender extends Place {
  readonly sender_id: string;
  readonly address: string;
  readonly user_id: string | null;
  readonly name?: string | null;
  readonly paired_at: number;
}

export interface ChannelRows {
  readonly channels: readonly Channel[];
  readonly pairings: readonly Pairing[];
  readonly senders: readonly Sender[];
}

class Channels {
  #rows: ChannelRows | null = null;
  #problem: Error | null = null;
  readonly #subscribe = createSubscriber((update) =>
    hub.listen(
      { type: "hearth/channel/subscribe" },
      (event) => {
        this.#rows = event as ChannelRows;
        this.#problem = null;
        update();
      },
      (problem) => {
        this.#problem = problem;
        update();
      },
    ),
  );

  /** null until they are known. */
  get rows(): ChannelRows | null {
    this.#subscribe();
    return this.#rows;
  }

  get problem(): Error | null {
    this.#subscribe();
    return this.#problem;
  }

  /** Let in whoever was given the code, to speak for a user, or as a guest for null. */
  confirm(code: string, userId: string | null): Promise<Sender> {
    const speaker = userId === null ? { guest: true } : { user_id: userId };
    return hub.act({ type: "hearth/channel/pairing/confirm", code, ...speaker });
  }

  reject({ pairing_id }: Pairing): Promise<unknown> {
    return hub.act({ type: "hearth/channel/pairing/reject", pairing_id });
  }

  remove({ sender_id }: Sender): Promise<unknown> {
    return hub.act({ type: "hearth/channel/sender/remove", sender_id });
  }
}

export const channels = new Channels();
