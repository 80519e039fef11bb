"""The MQTT endpoint: messages for each second of CPU, beside mosquitto under the same load."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from benchmarks.report import Figure, report
from hearth_mqtt.codec import (
    PacketStream,
    PacketType,
    Publish,
    Subscribe,
    Subscription,
    Version,
    encode,
    encode_success,
)
from hearth_mqtt.testing import Socket, client, free_port, serve
from hub.testing import RecordingHost

MESSAGES = 50_000
FAN_OUT = 10
PUBLISHERS = 50
PASSES = 3
AHEAD = 2000  # messages on their way: more would measure queues
PAYLOAD = bytes(64)

Load = Callable[[int], Coroutine[Any, Any, int]]
"""Puts load on the server at a port, and returns how many messages were delivered."""


def figures() -> Iterator[Figure]:
    loads = {
        "messages with QoS 0": (lambda port: pipeline(port, 0), 0.5),
        "messages with QoS 1": (lambda port: pipeline(port, 1), 0.4),
        f"messages of {PUBLISHERS} publishers in turn": (in_turn, 0.4),
        f"deliveries to {FAN_OUT} subscribers": (fan_out, 1.0),
    }
    for name, (load, reach) in loads.items():
        rates = [(endpoint(load), mosquitto(load)) for _ in range(PASSES)]
        ours, theirs = (statistics.median(column) for column in zip(*rates, strict=True))
        yield Figure(name=name, value=ours, unit="1/CPU-s", peer="mosquitto", peer_value=theirs, reach=reach)


def endpoint(load: Load) -> float:
    """Return the messages for each CPU second of our endpoint, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.mqtt", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        delivered = asyncio.run(load(int(process.stdout.readline())))
        used, _ = process.communicate()
    return delivered / float(str(used))


async def serve_until_told() -> None:
    """Serve; print the port, and at the end of the input the CPU seconds used since then."""
    async with serve(RecordingHost(secrets={}), None) as served:
        print(served.port, flush=True)
        before = time.process_time()
        await asyncio.to_thread(sys.stdin.read)
        print(time.process_time() - before)


def mosquitto(load: Load) -> float:
    """Return the messages for each CPU second of mosquitto; its start takes next to nothing."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder, "mosquitto.conf")
        configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
        program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
        if program is None:
            raise SystemExit("Expected mosquitto to compare with. Install it: apt-get install mosquitto")
        process = subprocess.Popen([program, "-c", configuration], stderr=subprocess.DEVNULL)
        try:
            delivered = asyncio.run(_when_listening(port, load))
        finally:
            process.terminate()
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
    return delivered / (usage.ru_utime + usage.ru_stime)


async def _when_listening(port: int, load: Load) -> int:
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.02)
    return await load(port)


class Subscriber:
    """Counts the messages that reach it, and acknowledges those that ask for it."""

    def __init__(self, peer: Socket) -> None:
        self.seen = 0
        self._progress = asyncio.Event()
        self._peer = peer
        self._stream = PacketStream(max_size=1 << 20, version=Version.V311)

    async def read(self, count: int) -> None:
        while self.seen < count:
            self._stream.feed(await self._peer.reader.read(1 << 18))
            while (packet := self._stream.next()) is not None:
                assert isinstance(packet, Publish)
                self.seen += 1
                if packet.qos:
                    self._peer.send(encode_success(PacketType.PUBACK, packet.packet_id))
            self._progress.set()

    async def until(self, count: int) -> None:
        """Wait until so many messages have come."""
        while self.seen < count:
            self._progress.clear()
            await self._progress.wait()


@contextlib.asynccontextmanager
async def subscriber(port: int, name: str, qos: int) -> AsyncIterator[Subscriber]:
    async with client(port, name) as peer:
        peer.send(Subscribe(packet_id=1, subscriptions=(Subscription(topic_filter="load/#", qos=qos),)))
        await peer.receive()
        yield Subscriber(peer)


def message(number: int, qos: int, topic: str = "load/1") -> bytes:
    packet_id = number % 0xFFFF + 1 if qos else 0
    return encode(Publish(topic=topic, payload=PAYLOAD, qos=qos, packet_id=packet_id), Version.V311)


async def pipeline(port: int, qos: int) -> int:
    async with subscriber(port, "in", qos) as inward, client(port, "out") as peer, asyncio.TaskGroup() as group:
        group.create_task(inward.read(MESSAGES), name="read")
        acknowledged = group.create_task(peer.reader.readexactly(4 * MESSAGES if qos else 0), name="acknowledged")
        for start in range(0, MESSAGES, 500):
            peer.send(b"".join(message(start + each, qos) for each in range(500)))
            await peer.writer.drain()
            await inward.until(start - AHEAD)
        await acknowledged
    return MESSAGES


async def in_turn(port: int) -> int:
    count = MESSAGES // 5
    async with contextlib.AsyncExitStack() as stack:
        inward = await stack.enter_async_context(subscriber(port, "in", 0))
        peers = [await stack.enter_async_context(client(port, f"out{each}")) for each in range(PUBLISHERS)]
        group = await stack.enter_async_context(asyncio.TaskGroup())
        group.create_task(inward.read(count), name="read")
        for number in range(count):
            peers[number % PUBLISHERS].send(message(number, 0, f"load/{number % PUBLISHERS}"))
            if not number % 10:
                await asyncio.sleep(0)
            await inward.until(number - AHEAD)
    return count


async def fan_out(port: int) -> int:
    count = MESSAGES // 5
    async with contextlib.AsyncExitStack() as stack:
        inwards = [await stack.enter_async_context(subscriber(port, f"in{each}", 0)) for each in range(FAN_OUT)]
        peer = await stack.enter_async_context(client(port, "out"))
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for inward in inwards:
            group.create_task(inward.read(count), name="read")
        for start in range(0, count, 100):
            peer.send(message(0, 0) * 100)
            for inward in inwards:
                await inward.until(start - AHEAD)
    return count * FAN_OUT


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object per figure and line")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(serve_until_told())
        return 0
    return report(figures(), as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
