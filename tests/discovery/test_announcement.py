"""The hub announced by zeroconf, looked for by another zeroconf on the same network."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from hub.config.machine import machine_addresses
from hub.config.settings import Settings
from hub.core.clock import SimulatedClock
from hub.discovery import Announcement, Reach
from hub.discovery.announcement import TYPE
from hub.testing import running_hub


@dataclass
class Watcher:
    """What is seen of hubs on the network of this machine's address."""

    address: str
    network: AsyncZeroconf
    changes: asyncio.Queue[tuple[str, ServiceStateChange]] = field(default_factory=asyncio.Queue)

    def changed(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        self.changes.put_nowait((name, state_change))

    async def until(self, begins: str, change: ServiceStateChange) -> str:
        async with asyncio.timeout(20):
            while True:
                name, seen = await self.changes.get()
                if name.startswith(begins) and seen is change:
                    return name


@pytest.fixture
async def watcher() -> AsyncIterator[Watcher]:
    address = next((one for one in machine_addresses() if ":" not in one), None)
    if address is None:
        pytest.skip("this machine has no IPv4 address but loopback's")
    network = AsyncZeroconf(interfaces=[address], ip_version=IPVersion.V4Only)
    watcher = Watcher(address, network)
    browser = AsyncServiceBrowser(network.zeroconf, [TYPE], handlers=[watcher.changed])
    yield watcher
    await browser.async_cancel()
    await network.async_close()


async def test_a_hub_beyond_loopback_is_found_by_name_address_port_and_authority(
    watcher: Watcher, tmp_path: Path
) -> None:
    settings = {"host": watcher.address, "name": "Announced hub", "server_names": ("hub.example",)}
    async with running_hub(tmp_path / "home", **settings) as home:
        name = await watcher.until("Announced hub", ServiceStateChange.Added)
        info = AsyncServiceInfo(TYPE, name)
        assert await info.async_request(watcher.network.zeroconf, 5000)
        assert info.parsed_addresses() == [watcher.address]
        assert info.port == home.hub.port
        told = {key.decode(): (value or b"").decode() for key, value in info.properties.items()}
        assert told["url"] == f"https://hub.example:{home.hub.port}"
        assert told["ca_sha256"] == home.hub.certificates.fingerprint()
    await watcher.until("Announced hub", ServiceStateChange.Removed)


async def test_a_hub_on_loopback_is_not_announced() -> None:
    reach = Reach(Settings(), lambda: ["127.0.0.1", "::1"], lambda: 8123)
    assert reach.addresses() == ()
    assert reach.url() is None
    clock = SimulatedClock()
    announcement = Announcement(reach, name=lambda: "x", properties=dict, clock=clock)
    task = asyncio.create_task(announcement.run(), name="announcement")
    async with asyncio.timeout(10):
        await task  # it is over at once: nothing is left to do


async def test_what_is_announced_follows_the_addresses(watcher: Watcher) -> None:
    bound, clock = ["127.0.0.1"], SimulatedClock()
    reach = Reach(Settings(host=watcher.address), lambda: bound, lambda: 8123)
    announcement = Announcement(reach, name=lambda: "Moving hub", properties=dict, clock=clock)
    task = asyncio.create_task(announcement.run(), name="announcement")
    bound.append(watcher.address)
    await _passing(clock, watcher.until("Moving hub", ServiceStateChange.Added))
    bound.pop()
    await _passing(clock, watcher.until("Moving hub", ServiceStateChange.Removed))
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _passing(clock: SimulatedClock, awaited: object) -> None:
    """Let minutes pass until something has happened."""
    waiting = asyncio.ensure_future(awaited)  # type: ignore[call-overload]
    while not waiting.done():
        await clock.advance(61)
        await asyncio.wait([waiting], timeout=0.2)
    await waiting


@pytest.mark.parametrize(
    ("bound", "version"),
    [(["0.0.0.0", "::1"], 4), (["::", "127.0.0.1"], 6)],  # noqa: S104
)
def test_listening_everywhere_means_every_address_of_that_kind(bound: list[str], version: int) -> None:
    reach = Reach(Settings(host=bound[0]), lambda: bound, lambda: 8123)
    assert set(reach.addresses()) == {one for one in machine_addresses() if (":" in one) == (version == 6)}


def test_the_machines_own_name_is_answered_to_only_where_others_reach_the_hub() -> None:
    near = Reach(Settings(server_names=("hub.example",)), lambda: ["127.0.0.1"], lambda: 1)
    far = Reach(Settings(host="0.0.0.0"), lambda: ["0.0.0.0"], lambda: 1)  # noqa: S104
    assert near.hosts() == {"localhost", "hub.example"}
    assert any(name.endswith(".local") for name in far.hosts())
