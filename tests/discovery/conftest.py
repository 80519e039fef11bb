from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.entries import ConfigEntries
from hub.adapters.interfaces import ConfigEntry, DiscoveredDevice, FoundService, Integration, Probed
from hub.adapters.manifest import Manifest, ServiceMatcher
from hub.config.store import JsonStores
from hub.core.bus import EventBus
from hub.core.clock import SystemClock
from hub.core.events import FLOW_CHANGED
from hub.core.fields import Field
from hub.discovery import Flows
from hub.errors import AuthenticationFailed, ConnectionLost, InvalidInput, NotFound

SERVICE = f"_lamp-{os.getpid()}._tcp.local."  # another run of these tests may be on the same loopback


@dataclass
class Lamp:
    """A device on a TCP port: it reads a password and answers with its id, or hangs up."""

    unique_id: str
    password: str = "right"
    port: int = 0
    touched: asyncio.Event = field(default_factory=asyncio.Event)
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.touched.set()
        password = (await reader.readline()).decode().strip()
        await self.answering.wait()
        writer.write(f"{self.unique_id}\n".encode() if password == self.password else b"no\n")
        writer.close()


async def probe(values: Mapping[str, Any]) -> Probed:
    if values["port"] == 1:
        raise InvalidInput("Expected another port than 1", path=("port",))
    if values["port"] == 2:
        raise RuntimeError("a defect")
    try:
        reader, writer = await asyncio.open_connection(values["host"], values["port"])
    except OSError as error:
        raise ConnectionLost(f"Expected a lamp at {values['host']}:{values['port']}, got no answer") from error
    try:
        writer.write(f"{values['password']}\n".encode())
        answer = (await reader.readline()).decode().strip()
    finally:
        writer.close()
    if answer == "no":
        raise AuthenticationFailed("Expected the password on the lamp's label")
    return Probed(title=f"Lamp {answer}", unique_id=answer, data=dict(values))


def from_service(service: FoundService) -> DiscoveredDevice | None:
    if "id" not in service.properties:
        raise ValueError("a service without an id")
    data = {"host": service.host, "port": service.port}
    return DiscoveredDevice(
        integration="lamp", unique_id=service.properties["id"], title=service.name, source="zeroconf", data=data
    )


def unused(_: ConfigEntry) -> Any:
    raise AssertionError("No adapter is made here")


LAMP = Integration(
    manifest=Manifest(
        domain="lamp",
        name="Lamps",
        version="1.0.0",
        api=(1, 1),
        zeroconf=(ServiceMatcher(type=SERVICE, name="lamp*"),),
    ),
    make=unused,
    form=(
        Field(name="host", selector={"text": {}}, required=True, default="127.0.0.1"),
        Field(name="port", selector={"number": {"min": 1, "max": 65535}}, required=True, label="TCP port"),
        Field(name="password", selector={"text": {"type": "password"}}, required=True),
    ),
    probe=probe,
    from_service=from_service,
)
ALONE = Integration(
    manifest=Manifest(domain="alone", name="Alone", version="1.0.0", api=(1, 1), single_entry=True),
    make=unused,
    probe=probe,
)
SILENT = Integration(manifest=Manifest(domain="silent", name="Silent", version="1.0.0", api=(1, 1)), make=unused)


def load(name: str) -> Integration | None:
    known = {"lamp": LAMP, "alone": ALONE, "silent": SILENT, "broken": None}
    if name not in known:
        raise NotFound(f"Expected an installed integration, got {name!r}")
    return known[name]


@dataclass(kw_only=True)
class Home:
    """Flows with real entries and stores in a folder, and what was published."""

    flows: Flows
    entries: ConfigEntries
    stores: JsonStores
    published: list[Mapping[str, Any]]

    def changes(self) -> list[str]:
        return [str(event["type"]) for event in self.published]


def make_home(folder: Path) -> Home:
    bus, clock, stores = EventBus(), SystemClock(), JsonStores(folder)
    published: list[Mapping[str, Any]] = []
    bus.listen(FLOW_CHANGED, lambda event: published.append(event.data))
    entries = ConfigEntries(stores.store("entries"), clock)
    flows = Flows(load=load, entries=entries, store=stores.store("ignored"), bus=bus, clock=clock, probe_timeout=5.0)
    return Home(flows=flows, entries=entries, stores=stores, published=published)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path)


@pytest.fixture
async def lamp() -> AsyncIterator[Lamp]:
    lamp = Lamp("lamp-1")
    lamp.answering.set()
    async with await asyncio.start_server(lamp.answer, "127.0.0.1", 0) as server:
        lamp.port = server.sockets[0].getsockname()[1]
        yield lamp


def found(lamp: Lamp, **changes: Any) -> DiscoveredDevice:
    values: dict[str, Any] = {"title": "Lamp", "source": "zeroconf", "data": {"host": "127.0.0.1", "port": lamp.port}}
    return DiscoveredDevice(integration="lamp", unique_id=lamp.unique_id, **{**values, **changes})
