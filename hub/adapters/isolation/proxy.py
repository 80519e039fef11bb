"""The ``AdapterHost`` that an adapter meets in a process of its own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Mapping
from datetime import tzinfo
from typing import Any

from hub.adapters.interfaces import (
    AreaDescription,
    DeviceDescription,
    DiscoveredDevice,
    EntityDescription,
    Message,
    Report,
    Storage,
)
from hub.adapters.isolation import failures
from hub.adapters.isolation.doors import Arrival
from hub.adapters.isolation.mouth import Mouth
from hub.adapters.isolation.storage import MirroredStorage
from hub.adapters.isolation.values import remade
from hub.adapters.rendering import LimitedTemplates
from hub.adapters.workplace import Workplace
from hub.core.bus import Unlisten
from hub.core.clock import Clock, SystemClock
from hub.core.ports import Principal, ProtocolFactory
from hub.entities import DOMAINS
from hub.errors import InvalidInput

_ADDED = {AreaDescription: "add_area", DeviceDescription: "add_device", EntityDescription: "add_entity"}


class HostProxy:
    """Says to the hub what the adapter says; answers at once what needs no hub (``render``, ``task``, ``clock``)."""

    def __init__(self, mouth: Mouth, name: str, time_zone: tzinfo) -> None:
        self._mouth = mouth
        self._clock = SystemClock()
        self._storage = MirroredStorage(mouth, self._clock)
        self._workplace = Workplace(name)
        self._templates = LimitedTemplates(self._clock, time_zone)
        self._numbers = itertools.count(1)
        self._authenticating: dict[int, asyncio.Future[Principal | None]] = {}
        self._followed: dict[int, Callable[[], None]] = {}
        self._served: dict[str, ProtocolFactory] = {}

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def storage(self) -> Storage:
        return self._storage

    async def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Await the adapter's work, with the tasks it starts; then send what it saved."""
        try:
            await self._workplace.run(work)
        finally:
            self._storage.flush()

    def task(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self._workplace.task(coroutine, name)

    def add(self, item: AreaDescription | DeviceDescription | EntityDescription) -> None:
        if isinstance(item, EntityDescription) and item.domain not in DOMAINS:
            raise InvalidInput(f"Expected a known entity domain, got {item.domain!r} for {item.unique_id}")
        self._mouth.say(_ADDED[type(item)], item)

    def remove(self, unique_id: str) -> None:
        self._mouth.say("remove", {"unique_id": unique_id})

    def report(self, report: Report) -> None:
        self._mouth.say("report", report)

    def available(self, available: bool, unique_id: str | None = None) -> None:
        self._mouth.say("available", {"available": available, "unique_id": unique_id})

    def connected(self, connected: bool, reason: str | None = None) -> None:
        self._mouth.say("connected", {"connected": connected, "reason": reason})

    def fire(self, event_type: str, data: Mapping[str, Any], device: str | None = None) -> None:
        self._mouth.say("fire", {"event_type": event_type, "data": data, "device": device})

    def message(self, message: Message) -> None:
        self._mouth.say("message", message)

    def discovered(self, device: DiscoveredDevice) -> None:
        self._mouth.say("discovered", device)

    def withdrawn(self, unique_id: str) -> None:
        self._mouth.say("withdrawn", {"unique_id": unique_id})

    def audit(self, kind: str, subject: str, **detail: Any) -> None:
        self._mouth.ask("audit", {"kind": kind, "subject": subject, "detail": detail})

    def render(self, template: str, variables: Mapping[str, Any]) -> str:
        return self._templates.render(template, variables)

    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        self._mouth.ask("serve", {"protocol": protocol})
        self._served[protocol] = factory

        def unlisten() -> None:
            if self._served.pop(protocol, None) is not None:
                self._mouth.say("unserve", {"protocol": protocol})

        return unlisten

    async def authenticate(self, name: str, secret: str) -> Principal | None:
        number = next(self._numbers)
        answer: asyncio.Future[Principal | None] = asyncio.get_running_loop().create_future()
        self._authenticating[number] = answer
        try:
            self._mouth.say("authenticate", {"name": name, "secret": secret}, number=number)
            return await answer
        finally:
            del self._authenticating[number]

    def on_revoked(self, principal: Principal, callback: Callable[[], None]) -> Unlisten:
        number = next(self._numbers)
        self._followed[number] = callback
        self._mouth.say("follow", principal, number=number)

        def unlisten() -> None:
            if self._followed.pop(number, None) is not None:
                self._mouth.say("unfollow", number=number)

        return unlisten

    def authenticated(self, number: int, values: Mapping[str, Any]) -> None:
        """The hub says who that was."""
        answer = self._authenticating.get(number)
        if answer is not None and not answer.done():
            principal = values["principal"]
            answer.set_result(remade(Principal, principal) if principal else None)

    def unauthenticated(self, number: int, values: Mapping[str, Any]) -> None:
        """The hub could not say who that was."""
        answer = self._authenticating.get(number)
        if answer is not None and not answer.done():
            answer.set_exception(failures.read(values))

    def revoked(self, number: int) -> None:
        """The hub says that a session must end."""
        callback = self._followed.pop(number, None)
        if callback is not None:
            callback()

    def arrival(self, protocol: str, read: bytes) -> Callable[[], Arrival] | None:
        """Return what takes a connection of this protocol, of which ``read`` has been read; None if it is not served."""
        factory = self._served.get(protocol)
        return None if factory is None else lambda: Arrival(factory, read)
