"""The message bus that the rest of the integration talks to: the hub's own endpoint, or a client of another broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

Unlisten = Callable[[], None]


class Received(NamedTuple):
    """A message as it arrived. ``retain`` says that the broker had kept it: it is old news, sent because of a subscription."""

    topic: str
    payload: bytes
    retain: bool = False
    qos: int = 0


OnMessage = Callable[[Received], None]


class MessageBus(Protocol):
    """Publishes and subscribes."""

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False) -> None:
        """Send a message.

        Raises InvalidInput for a topic that cannot be published to, ConnectionLost while there is no connection.
        """

    def subscribe(self, topic_filter: str, callback: OnMessage, /, *, qos: int = 0) -> Unlisten:
        """Call ``callback(message)`` for each message whose topic matches, retained ones first, until told to stop.

        The retained messages come soon, never before this returns. A callback that raises is logged and called again for
        the next message. Raises InvalidInput for a filter that is none.
        """
