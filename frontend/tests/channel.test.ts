import { describe, expect, test, vi } from "vitest";

import { backoff } from "../src/net/backoff";
import { Channel } from "../src/net/channel";

interface Sent {
  id: number;
  type: string;
  [key: string]: unknown;
}

function channelWithLog(): { channel: Channel; sent: Sent[] } {
  const sent: Sent[] = [];
  return { channel: new Channel((text) => sent.push(JSON.parse(text) as Sent)), sent };
}

describe("a channel", () => {
  test("numbers requests upwards and gives each its own answer", async () => {
    const { channel, sent } = channelWithLog();
    const first = channel.request({ type: "get_states" });
    const second = channel.request({ type: "ping" });
    expect(sent.map(({ id }) => id)).toEqual([1, 2]);
    channel.receive('{"id":2,"type":"pong"}');
    channel.receive('{"id":1,"type":"result","success":true,"result":[1]}');
    expect(await first).toEqual([1]);
    expect(await second).toBeUndefined();
  });

  test("takes several messages in one frame: the answer and the first event", async () => {
    const { channel } = channelWithLog();
    const events: unknown[] = [];
    const listening = channel.listen({ type: "subscribe_entities" }, (event) => events.push(event));
    channel.receive('[{"id":1,"type":"result","success":true,"result":null},{"id":1,"type":"event","event":{"a":{}}}]');
    expect(await listening).toBe(1);
    expect(events).toEqual([{ a: {} }]);
  });

  test("turns a refusal into its code and words", async () => {
    const { channel } = channelWithLog();
    const asked = channel.request({ type: "nope" });
    channel.receive(
      '{"id":1,"type":"result","success":false,"error":{"code":"unknown_command","message":"Unknown command."}}',
    );
    await expect(asked).rejects.toMatchObject({ code: "unknown_command", message: "Unknown command." });
  });

  test("ends a subscription and hears nothing of it afterwards", async () => {
    const { channel, sent } = channelWithLog();
    const events: unknown[] = [];
    const listening = channel.listen({ type: "subscribe_events" }, (event) => events.push(event));
    channel.receive('{"id":1,"type":"result","success":true,"result":null}');
    const id = await listening;
    const ended = channel.unlisten(id);
    expect(sent[1]).toEqual({ id: 2, type: "unsubscribe_events", subscription: 1 });
    channel.receive('{"id":2,"type":"result","success":true,"result":null}');
    channel.receive('{"id":1,"type":"event","event":{"late":true}}');
    await ended;
    expect(events).toEqual([]);
  });

  test("fails what is waiting when it closes", async () => {
    const { channel } = channelWithLog();
    const asked = channel.request({ type: "get_states" });
    channel.close("Connection lost");
    await expect(asked).rejects.toMatchObject({ code: "connection_lost" });
  });

  test("does not wait for ever", async () => {
    vi.useFakeTimers();
    const { channel } = channelWithLog();
    const asked = expect(channel.request({ type: "get_states" }, 3)).rejects.toMatchObject({ code: "timeout" });
    vi.advanceTimersByTime(3_000);
    await asked;
    vi.useRealTimers();
  });
});

test("reconnecting backs off to thirty seconds, jittered, and never hurries below half a second", () => {
  expect(backoff(0, () => 0)).toBe(0.5);
  expect(backoff(3, () => 1)).toBe(8);
  expect(backoff(20, () => 1)).toBe(30);
  expect(backoff(20, () => 0.5)).toBe(15);
});
