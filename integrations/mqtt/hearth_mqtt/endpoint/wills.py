"""Wills: what is published when a client is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hearth_mqtt.codec import Will
from hearth_mqtt.endpoint.message import Message, forwarded
from hub import Clock


@dataclass(slots=True)
class _Kept:
    will: Will
    cancel: Callable[[], None] | None = None
    restored: bool = False


class Wills:
    """Keeps each client's will, also over a restart of the hub: whoever does not come back then is lost too."""

    def __init__(self, publish: Callable[[Message], None], clock: Clock, changed: Callable[[], None]) -> None:
        self._publish = publish
        self._clock = clock
        self._changed = changed
        self._kept: dict[str, _Kept] = {}

    def keep(self, client_id: str, will: Will | None) -> None:
        """The client has connected, with this will or none, in time to stop a will that was waiting."""
        self.forget(client_id)
        if will is not None:
            self._kept[client_id] = _Kept(will)
            self._changed()

    def forget(self, client_id: str) -> None:
        """The client is back, or has left as it should."""
        kept = self._kept.pop(client_id, None)
        if kept is not None:
            self._changed()
            if kept.cancel is not None:
                kept.cancel()

    def lost(self, client_id: str, session_expiry: float) -> None:
        """The client is lost: publish its will, after its delay but no later than its session ends."""
        kept = self._kept.get(client_id)
        if kept is not None:
            self._publish_later(client_id, min(kept.will.properties.will_delay or 0, session_expiry))

    def session_ended(self, client_id: str) -> None:
        """The session begins anew: a will that waits for it to resume waits no longer."""
        kept = self._kept.get(client_id)
        if kept is not None and kept.cancel is not None and not kept.restored:
            self._now(client_id)

    def restore(self, client_id: str, will: Will, grace: float) -> None:
        """Take back a will from before a restart; its client has ``grace`` seconds to come back."""
        self._kept[client_id] = _Kept(will, restored=True)
        self._publish_later(client_id, max(grace, will.properties.will_delay or 0))

    def close(self) -> None:
        """Stop waiting for anything."""
        for kept in self._kept.values():
            if kept.cancel is not None:
                kept.cancel()

    def __iter__(self) -> Iterator[tuple[str, Will]]:
        return iter([(client_id, kept.will) for client_id, kept in self._kept.items()])

    def _publish_later(self, client_id: str, delay: float) -> None:
        if delay <= 0:
            self._now(client_id)
        else:
            self._kept[client_id].cancel = self._clock.call_later(delay, lambda: self._now(client_id))

    def _now(self, client_id: str) -> None:
        will = self._kept[client_id].will
        self.forget(client_id)
        expiry = will.properties.message_expiry
        self._publish(
            Message(
                will.topic,
                will.payload,
                qos=will.qos,
                retain=will.retain,
                properties=forwarded(will.properties),
                expires=None if expiry is None else self._clock.time() + expiry,
                source=client_id,
            )
        )
