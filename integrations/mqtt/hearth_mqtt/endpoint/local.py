"""Subscriptions from within the hub."""

from __future__ import annotations

import logging

from hearth_mqtt.bus import OnMessage, Received
from hearth_mqtt.endpoint.message import Message
from hearth_mqtt.endpoint.router import Granted

_log = logging.getLogger(__name__)


class LocalSubscription:
    """A callback as a subscriber. ``active`` turns False when nobody wants it any more."""

    def __init__(self, callback: OnMessage) -> None:
        self.active = True
        self._callback = callback

    def receive(self, message: Message, granted: Granted) -> None:
        self._call(Received(message.topic, message.payload, False, min(message.qos, granted.qos)))

    def receive_retained(self, messages: list[Message], granted: Granted) -> None:
        for message in messages:
            self._call(Received(message.topic, message.payload, True, min(message.qos, granted.qos)))

    def _call(self, received: Received) -> None:
        if not self.active:
            return
        try:
            self._callback(received)
        except Exception:  # noqa: BLE001 - boundary: one listener's failure must not silence the others
            _log.exception("A listener failed on MQTT topic %s", received.topic)
