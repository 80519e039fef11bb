"""A message on its way through the endpoint."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from hearth_mqtt.codec import EMPTY, Properties, Publish, Version, encode


class Message:
    """A published message, shared by everybody who gets it and never changed.

    ``expires`` is an epoch time or None, ``source`` the client id of its publisher. A plain slots class: one is made for
    every message. ``holders`` counts the clients for whom it is kept.
    """

    __slots__ = ("_frames", "expires", "holders", "payload", "properties", "qos", "retain", "source", "topic")

    def __init__(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 0,
        retain: bool = False,
        properties: Properties = EMPTY,
        expires: float | None = None,
        source: str | None = None,
    ) -> None:
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.properties = properties
        self.expires = expires
        self.source = source
        self.holders = 0
        self._frames: dict[tuple[Version, bool], bytes] = {}

    @property
    def size(self) -> int:
        """About how many bytes keeping it takes."""
        return len(self.payload) + len(self.topic) + 100

    def is_expired(self, now: Callable[[], float]) -> bool:
        """Say whether its time is up; the clock is asked only if it has one."""
        return self.expires is not None and now() >= self.expires

    def frame(self, version: Version, *, retain: bool) -> bytes:
        """Return it as a QoS 0 packet; encoded once for all clients that get it alike."""
        key = (version, retain)
        frame = self._frames.get(key)
        if frame is None:
            packet = Publish(topic=self.topic, payload=self.payload, retain=retain, properties=self.properties)
            frame = self._frames[key] = encode(packet, version)
        return frame


def forwarded(properties: Properties) -> Properties:
    """Return those of a publisher's properties that go on to subscribers as they are."""
    if properties is EMPTY:
        return EMPTY
    return dataclasses.replace(properties, message_expiry=None, topic_alias=None, subscription_ids=(), will_delay=None)
