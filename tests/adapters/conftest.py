"""A small home in which an adapter does what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest

from hub.adapters.interfaces import (
    AdapterHost,
    ConfigEntry,
    DeviceDescription,
    EntityCall,
    EntityDescription,
    Integration,
)
from hub.adapters.manifest import Manifest
from hub.core.clock import SimulatedClock
from hub.testing import MemoryHome

MANIFEST = Manifest(domain="toy", name="Toy", version="1", api=(1, 1))
LAMP = EntityDescription(
    domain="light",
    unique_id="lamp",
    name=None,
    device=DeviceDescription(identifiers=("d1",), name="Desk lamp", area="Study"),
    attributes={"supported_color_modes": ["brightness"]},
)


class ToyAdapter:
    """Adds a lamp, then does what the test gives it."""

    def __init__(self) -> None:
        self.hosts: list[AdapterHost] = []
        self.calls: list[EntityCall] = []
        self.started = asyncio.Event()
        self.work: Callable[[AdapterHost], Awaitable[None]] = self._forever
        self.execution: Callable[[EntityCall], Awaitable[Mapping[str, Any] | None]] = self._obey

    async def run(self, host: AdapterHost) -> None:
        self.hosts.append(host)
        host.add(LAMP)
        self.started.set()
        await self.work(host)

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        self.calls.append(call)
        return await self.execution(call)

    async def _forever(self, host: AdapterHost) -> None:
        await asyncio.get_running_loop().create_future()

    async def _obey(self, call: EntityCall) -> Mapping[str, Any] | None:
        return None


class Home(MemoryHome):
    """A home with the toy, at a time that stands still."""

    clock: SimulatedClock

    def __init__(self) -> None:
        super().__init__("toy", clock=SimulatedClock())
        self.adapter = ToyAdapter()

    @property
    def host(self) -> AdapterHost:
        """The toy's newest host."""
        return self.adapter.hosts[-1]

    async def begin(self) -> None:
        """Start the toy and wait until it has added its lamp."""
        integration = Integration(manifest=MANIFEST, make=lambda _: self.adapter)
        self.start(integration, ConfigEntry(entry_id="e1", integration="toy", title="Toy"))
        await self.adapter.started.wait()


@pytest.fixture
async def home() -> AsyncIterator[Home]:
    async with Home().running() as home:
        yield home
