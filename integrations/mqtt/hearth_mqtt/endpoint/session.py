"""What the endpoint knows of one client, connected or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearth_mqtt.codec import Subscription
from hearth_mqtt.endpoint.deliveries import Deliveries, Outgoing
from hearth_mqtt.endpoint.message import Message
from hearth_mqtt.endpoint.router import Granted

MAX_GRANTED_QOS = 1
"""The highest QoS that is sent to clients; what they publish may have QoS 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A client's subscription as it is kept over a restart."""

    subscription: Subscription
    identifiers: tuple[int, ...] = ()

    @property
    def granted(self) -> Granted:
        """What the client gets for it."""
        wanted = self.subscription
        return Granted(
            qos=min(wanted.qos, MAX_GRANTED_QOS),
            no_local=wanted.no_local,
            retain_as_published=wanted.retain_as_published,
            identifiers=self.identifiers,
        )


class Session:
    """A client's subscriptions, deliveries, and the QoS 2 messages it has begun to send.

    ``user`` owns it: nobody else may take it over. ``expiry`` is how many seconds it outlives its connection, ``ends`` the
    epoch time at which it does, or None while it is connected. ``changed`` is called when what is kept of it changes.
    """

    def __init__(self, client_id: str, user: str, deliveries: Deliveries, changed: Callable[[], None]) -> None:
        self.client_id = client_id
        self.user = user
        self.deliveries = deliveries
        self._changed = changed
        self.subscriptions: dict[str, Subscribed] = {}
        self.incoming: set[int] = set()
        self.expiry = 0.0
        self.ends: float | None = None

    def receive(self, message: Message, granted: Granted) -> None:
        if granted.no_local and message.source == self.client_id:
            return
        retain = message.retain and granted.retain_as_published
        qos = min(message.qos, granted.qos)
        self.deliveries.deliver(Outgoing(message, qos, retain, granted.identifiers))
        if qos:
            self.touch()

    def receive_retained(self, messages: list[Message], granted: Granted) -> None:
        self.deliveries.deliver_retained(
            Outgoing(message, min(message.qos, granted.qos), True, granted.identifiers) for message in messages
        )

    def acknowledge(self, packet_id: int) -> None:
        """The client has taken a QoS 1 message."""
        self.deliveries.acknowledge(packet_id)
        self.touch()

    def begin(self, packet_id: int) -> bool:
        """The client sends a QoS 2 message; say whether it is new."""
        is_new = packet_id not in self.incoming
        self.incoming.add(packet_id)
        self.touch()
        return is_new

    def complete(self, packet_id: int) -> bool:
        """The client releases a QoS 2 message; say whether it had begun."""
        was_there = packet_id in self.incoming
        self.incoming.discard(packet_id)
        self.touch()
        return was_there

    def touch(self) -> None:
        """Note a change, if the session is one that is kept."""
        if self.expiry > 0:
            self._changed()
