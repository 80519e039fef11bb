"""A host for testing an adapter or its parts without a hub."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
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
from hub.core.bus import Unlisten
from hub.core.clock import Clock, SystemClock
from hub.core.ports import Principal, ProtocolFactory
from hub.errors import TemplateError

Render = Callable[[str, Mapping[str, Any]], Any]


class MemoryStorage:
    """Documents in memory."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}

    def load(self, name: str) -> Any:
        return self.documents.get(name)

    def save(self, name: str, data: Callable[[], Any]) -> None:
        self.documents[name] = data()


class RecordingHost:
    """An ``AdapterHost`` that keeps what an adapter says.

    ``secrets`` maps names to the secrets that ``authenticate`` accepts; ``render`` is what renders templates.
    """

    def __init__(
        self, *, clock: Clock | None = None, secrets: Mapping[str, str] | None = None, render: Render | None = None
    ) -> None:
        self._clock = clock or SystemClock()
        self._render = render
        self._changed = asyncio.Event()
        self.secrets = dict(secrets or {})
        self.areas: list[AreaDescription] = []
        self.devices: list[DeviceDescription] = []
        self.entities: dict[str, EntityDescription] = {}
        self.reports: list[Report] = []
        self.states: dict[str, Report] = {}
        self.availability: dict[str | None, bool] = {}
        self.connection: tuple[bool, str | None] | None = None
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self.messages: list[Message] = []
        self.found: dict[str, DiscoveredDevice] = {}
        self.served: dict[str, ProtocolFactory] = {}
        self.audited: list[tuple[str, str, Mapping[str, Any]]] = []
        self.revocations: dict[str, list[Callable[[], None]]] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self._storage = MemoryStorage()

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def storage(self) -> Storage:
        return self._storage

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something that the adapter says makes ``condition`` true.

        Raises TimeoutError.
        """
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def add(self, item: AreaDescription | DeviceDescription | EntityDescription) -> None:
        if isinstance(item, AreaDescription):
            self.areas.append(item)
        elif isinstance(item, DeviceDescription):
            self.devices.append(item)
        else:
            self.entities[item.unique_id] = item
        self._changed.set()

    def remove(self, unique_id: str) -> None:
        self.entities.pop(unique_id, None)
        self._changed.set()

    def report(self, report: Report) -> None:
        self.reports.append(report)
        self.states[report.unique_id] = report
        self._changed.set()

    def available(self, available: bool, unique_id: str | None = None) -> None:
        self.availability[unique_id] = available
        self._changed.set()

    def connected(self, connected: bool, reason: str | None = None) -> None:
        self.connection = (connected, reason)
        self._changed.set()

    def fire(self, event_type: str, data: Mapping[str, Any], device: str | None = None) -> None:
        self.events.append((event_type, data if device is None else {**data, "device_id": device}))
        self._changed.set()

    def message(self, message: Message) -> None:
        self.messages.append(message)
        self._changed.set()

    def discovered(self, device: DiscoveredDevice) -> None:
        self.found[device.unique_id] = device
        self._changed.set()

    def withdrawn(self, unique_id: str) -> None:
        self.found.pop(unique_id, None)
        self._changed.set()

    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        self.served[protocol] = factory
        self._changed.set()
        return lambda: self.served.pop(protocol, None) and None

    async def authenticate(self, name: str, secret: str) -> Principal | None:
        known = self.secrets.get(name) == secret
        return Principal(user_id=name, name=name, role="service") if known else None

    def on_revoked(self, principal: Principal, callback: Callable[[], None]) -> Unlisten:
        self.revocations.setdefault(principal.user_id, []).append(callback)
        return lambda: self.revocations[principal.user_id].remove(callback)

    def audit(self, kind: str, subject: str, **detail: Any) -> None:
        self.audited.append((kind, subject, detail))
        self._changed.set()

    def task(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(coroutine, name=name))

    def render(self, template: str, variables: Mapping[str, Any]) -> Any:
        if self._render is None:
            raise TemplateError("Expected a RecordingHost made with render=, for a template is to be rendered")
        return self._render(template, variables)

    async def close(self) -> None:
        """Cancel the adapter's tasks and wait for their end."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
