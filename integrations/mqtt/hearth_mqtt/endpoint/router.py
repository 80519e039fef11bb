"""From a published message to everybody who subscribed to its topic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from hearth_mqtt.endpoint.message import Message
from hearth_mqtt.endpoint.retained import RetainedMessages
from hearth_mqtt.topics import TopicTree

_MAX_ROUTES = 20_000
_LONGEST_CACHED = 256


class Granted(NamedTuple):
    """What a subscription is granted; ``identifiers`` are the subscription's numbers in MQTT 5."""

    qos: int = 0
    no_local: bool = False
    retain_as_published: bool = False
    identifiers: tuple[int, ...] = ()


class Subscriber(Protocol):
    """A client's session, or a callback within the hub. It is known by its identity."""

    def receive(self, message: Message, granted: Granted) -> None:
        """Take a message that has just been published."""

    def receive_retained(self, messages: list[Message], granted: Granted) -> None:
        """Take what was retained before the subscription."""


Route = tuple[tuple[Subscriber, Granted], ...]


class Router:
    """Holds the subscriptions, and passes on messages.

    Routes are worked out once for each topic and kept until a subscription changes, so that a message costs one look-up.
    """

    def __init__(self, retained: RetainedMessages, retained_changed: Callable[[], None]) -> None:
        self._tree: TopicTree[Subscriber, Granted] = TopicTree()
        self._routes: dict[str, Route] = {}
        self._retained = retained
        self._retained_changed = retained_changed

    def publish(self, message: Message) -> None:
        """Pass on a message, and retain it if it asks for that."""
        if message.retain:
            self._retained.keep(message)
            self._retained_changed()
        route = self._routes.get(message.topic)
        if route is None:
            route = self._resolve(message.topic)
        for subscriber, granted in route:
            subscriber.receive(message, granted)

    def subscribe(self, topic_filter: str, subscriber: Subscriber, granted: Granted) -> bool:
        """Send the subscriber what matches from now on; say whether the subscription is new."""
        self._routes.clear()
        return self._tree.put(topic_filter, subscriber, granted)

    def unsubscribe(self, topic_filter: str, subscriber: Subscriber) -> bool:
        """Stop that; say whether there was a subscription."""
        self._routes.clear()
        return self._tree.discard(topic_filter, subscriber)

    def send_retained(self, topic_filter: str, subscriber: Subscriber, granted: Granted) -> None:
        """Send the subscriber what is retained for the filter."""
        messages = self._retained.matching(topic_filter)
        if messages:
            subscriber.receive_retained(messages, granted)

    def _resolve(self, topic: str) -> Route:
        found: dict[Subscriber, list[Granted]] = {}
        for subscriber, granted in self._tree.match(topic):
            found.setdefault(subscriber, []).append(granted)
        route = tuple((subscriber, _merged(grants)) for subscriber, grants in found.items())
        if len(topic) <= _LONGEST_CACHED:
            if len(self._routes) >= _MAX_ROUTES:
                self._routes.clear()
            self._routes[topic] = route
        return route


def _merged(grants: Iterable[Granted]) -> Granted:
    """Return one grant for overlapping subscriptions of one subscriber, who gets one copy."""
    first, *others = grants
    for other in others:
        first = Granted(
            qos=max(first.qos, other.qos),
            no_local=first.no_local and other.no_local,
            retain_as_published=first.retain_as_published or other.retain_as_published,
            identifiers=first.identifiers + other.identifiers,
        )
    return first
