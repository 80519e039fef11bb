"""A message bus over another broker."""

from __future__ import annotations

import asyncio
import logging
import secrets
import ssl
from collections.abc import Iterable
from types import TracebackType

from hearth_mqtt.bus import OnMessage, Received, Unlisten
from hearth_mqtt.codec import Connect, Publish, Reason, Subscription, Version, Will
from hearth_mqtt.config import V5, BrokerSettings
from hearth_mqtt.interests import Interest, Interests
from hearth_mqtt.link import Link
from hearth_mqtt.topics import check_filter, check_topic
from hub import ConnectionLost, DeviceRefused

_AT_ONCE = 50  # subscriptions on their way at the same time
_KEEP_ALIVE = 30  # seconds
_PATIENCE = 10.0  # seconds that connecting may take
_log = logging.getLogger(__name__)


class BrokerRefused(ConnectionLost):
    """The broker answered, and does not let us in."""


class BrokerClient:
    """One connection to a broker: ``async with`` connects, and ``run`` subscribes until the connection breaks.

    With MQTT 5 each filter has a subscription identifier, by which a message finds its listeners: a broker may send one copy
    for each of several overlapping filters.
    """

    def __init__(self, settings: BrokerSettings, *, will: Will | None = None) -> None:
        self._settings = settings
        self._version = Version.V5 if settings.protocol == V5 else Version.V311
        self._will = will
        self._link: Link | None = None
        self._interests = Interests()

    async def __aenter__(self) -> BrokerClient:
        address = self._settings.address
        try:
            async with asyncio.timeout(_PATIENCE):
                self._link, reason = await self._connect()
        except TimeoutError as error:
            raise ConnectionLost(f"Could not connect to the MQTT broker at {address}: no answer in time") from error
        except (ConnectionLost, OSError, ValueError) as error:
            raise ConnectionLost(f"Could not connect to the MQTT broker at {address}: {error}") from error
        if reason is not Reason.SUCCESS:
            await self._link.close()
            raise BrokerRefused(f"The MQTT broker at {address} refused the connection: {_words(reason)}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def run(self) -> None:
        """Subscribe to what is wanted, until cancelled.

        Raises ConnectionLost.
        """
        link, lost = self._connected(), False
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(link.until_lost(), name="mqtt:connection")
                group.create_task(self._keep_subscribed(link), name="mqtt:subscribe")
        except* ConnectionLost:
            lost = True
        if lost:
            raise ConnectionLost(f"Lost the MQTT broker at {self._settings.address}: {link.why}")

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False) -> None:
        content, address = payload.encode() if isinstance(payload, str) else payload, self._settings.address
        try:
            reason = await self._connected().publish(check_topic(topic), content, qos=qos, retain=retain)
        except ConnectionLost as error:
            raise ConnectionLost(f"Could not publish to the MQTT broker at {address}: {error}") from error
        if reason >= 0x80:
            raise DeviceRefused(f"The MQTT broker at {address} refused a message on {topic}: {_words(reason)}")

    def subscribe(self, topic_filter: str, callback: OnMessage, /, *, qos: int = 0) -> Unlisten:
        return self._interests.add(check_filter(topic_filter), callback, qos)

    def _deliver(self, message: Publish) -> None:
        received = Received(message.topic, message.payload, message.retain, message.qos)
        self._interests.deliver(received, message.properties.subscription_ids)

    async def _keep_subscribed(self, link: Link) -> None:
        while True:
            changed = await self._interests.changes()
            for start in range(0, len(changed), _AT_ONCE):
                await self._update(link, changed[start : start + _AT_ONCE])

    async def _update(self, link: Link, interests: Iterable[Interest]) -> None:
        async with asyncio.TaskGroup() as group:
            for interest in interests:
                group.create_task(_update_one(link, interest), name=f"mqtt:subscribe:{interest.topic_filter}")

    def _connected(self) -> Link:
        if self._link is None:
            raise ConnectionLost(f"There is no connection to the MQTT broker at {self._settings.address}")
        return self._link

    async def _connect(self) -> tuple[Link, Reason]:
        """Return a connection, and whether the broker lets us in."""
        settings = self._settings
        context = await asyncio.to_thread(_tls_context, settings.ca) if settings.tls else None
        loop = asyncio.get_running_loop()
        _, link = await loop.create_connection(
            lambda: Link(self._version, self._deliver), settings.host, settings.port, ssl=context
        )
        try:
            return link, (await link.introduce(self._introduction())).reason
        except BaseException:
            link.abort("we gave up")
            raise

    def _introduction(self) -> Connect:
        settings = self._settings
        return Connect(
            client_id=settings.client_id or f"hearth-{secrets.token_hex(4)}",
            version=self._version,
            keep_alive=_KEEP_ALIVE,
            username=settings.username,
            password=settings.password.encode() if settings.password is not None else None,
            will=self._will,
        )


async def _update_one(link: Link, interest: Interest) -> None:
    if not interest.is_wanted:
        await link.unsubscribe(interest.topic_filter)
        return
    subscription = Subscription(topic_filter=interest.topic_filter, qos=interest.qos)
    reason = await link.subscribe(subscription, interest.identifier)
    if reason >= 0x80:
        _log.warning("The MQTT broker refused the subscription to %s: %s", interest.topic_filter, _words(reason))


def _words(reason: Reason) -> str:
    return reason.name.lower().replace("_", " ")


def _tls_context(ca: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
