"""A message bus over another broker."""

from __future__ import annotations

import asyncio
import logging
import secrets
import ssl
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hearth_mqtt.bus import OnMessage, Received, Unlisten
from hearth_mqtt.config import V5, BrokerSettings
from hearth_mqtt.interests import Interest, Interests
from hearth_mqtt.topics import check_filter, check_topic
from hub import ConnectionLost

_TIMEOUT = 10.0
_AT_ONCE = 50  # subscriptions on their way at the same time
_log = logging.getLogger(__name__)


class BrokerRefused(ConnectionLost):
    """The broker answered, and does not let us in."""


class BrokerClient:
    """One connection to a broker: ``async with`` connects, and ``run`` passes on messages until the connection breaks.

    With MQTT 5 each filter has a subscription identifier, by which a message finds its listeners: a broker may send one copy
    for each of several overlapping filters.
    """

    def __init__(self, settings: BrokerSettings, *, will: aiomqtt.Will | None = None) -> None:
        self._settings = settings
        self._will = will
        self._client: aiomqtt.Client | None = None
        self._interests = Interests()

    async def __aenter__(self) -> BrokerClient:
        address = self._settings.address
        try:
            client = aiomqtt.Client(
                tls_context=await self._tls(), queue_type=_handed_on(self._deliver), **self._options()
            )
            await client.__aenter__()
        except aiomqtt.MqttCodeError as error:
            raise BrokerRefused(f"The MQTT broker at {address} refused the connection: {error}") from error
        except (aiomqtt.MqttError, OSError, ValueError) as error:
            raise ConnectionLost(f"Could not connect to the MQTT broker at {address}: {error}") from error
        client.pending_calls_threshold = _AT_ONCE * 2
        self._client = client
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                await client.__aexit__(kind, error, traceback)
            except aiomqtt.MqttError as failure:
                _log.debug("Could not say good-bye to the MQTT broker: %s", failure)

    async def run(self) -> None:
        """Subscribe to what is wanted and pass on messages, until cancelled.

        Raises ConnectionLost.
        """
        lost: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._until_lost(), name="mqtt:connection")
                group.create_task(self._keep_subscribed(), name="mqtt:subscribe")
        except* aiomqtt.MqttError as errors:
            lost = errors.exceptions[0]
        if lost is not None:
            raise ConnectionLost(f"Lost the MQTT broker at {self._settings.address}: {lost}") from lost

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False) -> None:
        try:
            await self._connected().publish(check_topic(topic), payload, qos=qos, retain=retain)
        except aiomqtt.MqttError as error:
            raise ConnectionLost(
                f"Could not publish to the MQTT broker at {self._settings.address}: {error}"
            ) from error

    def subscribe(self, topic_filter: str, callback: OnMessage, /, *, qos: int = 0) -> Unlisten:
        return self._interests.add(check_filter(topic_filter), callback, qos)

    async def _until_lost(self) -> None:
        async for _ in self._connected().messages:
            """None is kept: see ``_handed_on``."""

    def _deliver(self, message: aiomqtt.Message) -> None:
        received = Received(message.topic.value, message.payload, message.retain, message.qos)
        self._interests.deliver(received, _identifiers(message))

    async def _keep_subscribed(self) -> None:
        while True:
            changed = await self._interests.changes()
            for start in range(0, len(changed), _AT_ONCE):
                await self._update(changed[start : start + _AT_ONCE])

    async def _update(self, interests: Iterable[Interest]) -> None:
        async with asyncio.TaskGroup() as group:
            for interest in interests:
                group.create_task(self._update_one(interest), name=f"mqtt:subscribe:{interest.topic_filter}")

    async def _update_one(self, interest: Interest) -> None:
        client = self._connected()
        if not interest.is_wanted:
            await client.unsubscribe(interest.topic_filter)
            return
        properties = None
        if self._settings.protocol == V5:
            properties = Properties(PacketTypes.SUBSCRIBE)  # type: ignore[no-untyped-call]
            properties.SubscriptionIdentifier = interest.identifier
        codes = await client.subscribe(interest.topic_filter, qos=interest.qos, properties=properties)
        refused = [code for code in codes if (code if isinstance(code, int) else code.value) >= 0x80]
        if refused:
            _log.warning("The MQTT broker refused the subscription to %s: %s", interest.topic_filter, refused[0])

    def _connected(self) -> aiomqtt.Client:
        if self._client is None:
            raise ConnectionLost(f"There is no connection to the MQTT broker at {self._settings.address}")
        return self._client

    def _options(self) -> dict[str, Any]:
        settings = self._settings
        is_v5 = settings.protocol == V5
        return {
            "hostname": settings.host,
            "port": settings.port,
            "username": settings.username,
            "password": settings.password,
            "identifier": settings.client_id or f"hearth-{secrets.token_hex(4)}",
            "protocol": aiomqtt.ProtocolVersion.V5 if is_v5 else aiomqtt.ProtocolVersion.V311,
            "will": self._will,
            "timeout": _TIMEOUT,
            "keepalive": 30,
            "logger": _log,
        }

    async def _tls(self) -> ssl.SSLContext | None:
        return await asyncio.to_thread(_tls_context, self._settings.ca) if self._settings.tls else None


def _tls_context(ca: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _handed_on(deliver: Callable[[aiomqtt.Message], None]) -> type[asyncio.Queue[aiomqtt.Message]]:
    """Return a queue for aiomqtt that holds nothing: what is put in goes on at once.

    Waiting for each message in turn costs two tasks a message. And a hub that cannot keep up leaves the rest to the
    socket: the broker holds it, and nothing is dropped here.
    """

    class HandedOn(asyncio.Queue[aiomqtt.Message]):
        def put_nowait(self, item: aiomqtt.Message) -> None:
            deliver(item)

    return HandedOn


def _identifiers(message: aiomqtt.Message) -> list[int]:
    return list(getattr(message.properties, "SubscriptionIdentifier", ()))
