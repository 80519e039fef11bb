"""A device's life on MQTT: connect, announce, report and obey; when the connection breaks, begin again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
from dataclasses import dataclass

import aiomqtt

from hearth_demo.home.announce import OFFLINE, ONLINE, PREFIX, announcements, status_topic
from hearth_demo.home.device import Device

_BIRTH = f"{PREFIX}/status"
_LONGEST_WAIT = 20.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the devices connect. ``password`` is a token of the hub, or a broker's password."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None


class Connection:
    """Keeps one device connected."""

    def __init__(self, device: Device, broker: Broker, language: str) -> None:
        self._device = device
        self._broker = broker
        self._language = language
        self._said: dict[str, str] = {}
        self._failures = 0

    async def run(self) -> None:
        """Stay connected while the device has power, until cancelled."""
        while True:
            await self._device.powered.wait()
            try:
                await self._connected()
            except* (aiomqtt.MqttError, OSError) as errors:
                self._failures += 1
                _log.info("%s lost its connection: %s", self._device.identity.key, errors.exceptions[0])
            if self._device.powered.is_set():
                longest = min(_LONGEST_WAIT, 2.0 ** min(self._failures, 5))
                await asyncio.sleep(random.uniform(0.0, longest))  # noqa: S311 - jitter, not a secret

    async def _connected(self) -> None:
        async with self._client() as client:
            try:
                await self._begin(client)
                _heed_cancellation()
                self._failures = 0
                async with asyncio.TaskGroup() as group:
                    for life in (self._obey, self._report, self._lose_power):
                        group.create_task(life(client), name=f"{self._device.identity.key}:{life.__name__}")
            except asyncio.CancelledError:
                with contextlib.suppress(aiomqtt.MqttError):
                    await client.publish(status_topic(self._device), OFFLINE, retain=True)
                raise

    def _client(self) -> aiomqtt.Client:
        versions = {4: aiomqtt.ProtocolVersion.V311, 5: aiomqtt.ProtocolVersion.V5}
        return aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=self._broker.password,
            identifier=f"hearth-demo-{self._device.identity.key}",
            protocol=versions[self._device.identity.mqtt],
            will=aiomqtt.Will(status_topic(self._device), OFFLINE, qos=1, retain=True),
            keepalive=30,
        )

    async def _begin(self, client: aiomqtt.Client) -> None:
        """Listen before announcing, so that nothing said in answer is missed."""
        for topic in (*self._device.told_at, _BIRTH):
            await client.subscribe(topic, qos=1)
        for topic, payload in announcements(self._device, self._language).items():
            await client.publish(topic, payload, qos=1, retain=True)
        self._said.clear()
        await self._say(client)
        await client.publish(status_topic(self._device), ONLINE, qos=1, retain=True)

    async def _obey(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            payload = str(message.payload, "utf-8", "replace")
            if str(message.topic) != _BIRTH:
                self._device.handle(str(message.topic), payload)
            elif payload == ONLINE:
                await self._announce_again(client)

    async def _announce_again(self, client: aiomqtt.Client) -> None:
        """The hub came back, and may have forgotten."""
        for topic, payload in announcements(self._device, self._language).items():
            await client.publish(topic, payload, qos=1, retain=True)
        self._said.clear()
        self._device.changed.set()

    async def _report(self, client: aiomqtt.Client) -> None:
        while True:
            await self._device.changed.wait()
            self._device.changed.clear()
            await self._say(client)

    async def _say(self, client: aiomqtt.Client) -> None:
        for topic, payload in self._device.reports().items():
            if self._said.get(topic) != payload:
                self._said[topic] = payload
                await client.publish(topic, payload, retain=True)
        for topic, payload in self._device.occurrences():
            await client.publish(topic, payload)

    async def _lose_power(self, client: aiomqtt.Client) -> None:
        """In a power cut nobody says goodbye: the socket dies, and the broker publishes the will."""
        await self._device.dark.wait()
        broken = client._client.socket()  # noqa: SLF001 - aiomqtt always says goodbye
        if isinstance(broken, socket.socket):
            broken.shutdown(socket.SHUT_RDWR)


def _heed_cancellation() -> None:
    """Python 3.11's ``wait_for``, which aiomqtt awaits, swallows a cancellation that comes together with the answer."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
