from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from hub.adapters.interfaces import DiscoveredDevice, FoundService
from hub.adapters.manifest import Manifest, ServiceMatcher
from hub.core.clock import SystemClock
from hub.discovery import Browser
from hub.discovery.matching import matches, matching
from tests.discovery.conftest import LAMP, SERVICE, load

LOOPBACK = ["127.0.0.1"]


@dataclass
class Seen:
    """What a browser reported."""

    found: asyncio.Queue[DiscoveredDevice] = field(default_factory=asyncio.Queue)
    gone: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)

    def browser(self, *manifests: Manifest) -> Browser:
        return Browser(
            manifests=manifests or [LAMP.manifest],
            load=load,
            found=self.found.put_nowait,
            gone=lambda integration, unique_id: self.gone.put_nowait((integration, unique_id)),
            clock=SystemClock(),
            interfaces=LOOPBACK,
        )


@pytest.fixture
async def seen() -> AsyncIterator[Seen]:
    seen = Seen()
    task = asyncio.create_task(seen.browser().run(), name="browser")
    yield seen
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def network() -> AsyncIterator[AsyncZeroconf]:
    network = AsyncZeroconf(interfaces=LOOPBACK, ip_version=IPVersion.V4Only)
    yield network
    await network.async_close()


def service(name: str, port: int = 80, **properties: Any) -> AsyncServiceInfo:
    return AsyncServiceInfo(
        SERVICE,
        f"{name}.{SERVICE}",
        port=port,
        properties=properties,
        parsed_addresses=LOOPBACK,
        server=f"{name}.local.",
    )


async def test_finds_what_announces_itself_follows_its_changes_and_notes_its_goodbye(
    seen: Seen, network: AsyncZeroconf
) -> None:
    lamp = service("Lamp in the hall", id="abc")
    await (await network.async_register_service(lamp))
    device = await seen.found.get()
    assert (device.integration, device.unique_id, device.source) == ("lamp", "abc", "zeroconf")
    assert device.data == {"host": "127.0.0.1", "port": 80}

    await (await network.async_update_service(service("Lamp in the hall", port=81, id="abc")))
    while device.data["port"] == 80:
        device = await seen.found.get()
    assert device.data["port"] == 81

    await (await network.async_unregister_service(lamp))
    assert await seen.gone.get() == ("lamp", "abc")


async def test_a_service_that_an_integration_chokes_on_does_not_stop_the_others(
    seen: Seen, network: AsyncZeroconf, caplog: pytest.LogCaptureFixture
) -> None:
    services = [service("Lamp without id"), service("Curtain", id="curtain"), service("Lamp good", id="good")]
    sent = await asyncio.gather(*(network.async_register_service(one) for one in services))
    await asyncio.gather(*sent)
    assert (await seen.found.get()).unique_id == "good"
    assert seen.found.empty(), "the curtain's name does not match"
    for one in services:
        await (await network.async_unregister_service(one))
    assert "failed on the service 'Lamp without id" in caplog.text


async def test_a_manifest_with_a_bad_type_is_named_and_the_others_are_browsed_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad = Manifest(domain="bad", name="Bad", version="1", api=(1, 1), zeroconf=(ServiceMatcher(type="nonsense"),))
    await Seen().browser(bad).run()
    assert "Expected a service type such as _http._tcp.local. from bad, got 'nonsense'" in caplog.text


FOUND = FoundService(
    type="_http._tcp.local.",
    name="Shelly1-ABC._http._tcp.local.",
    host="192.0.2.7",
    addresses=("192.0.2.7",),
    port=80,
    properties={"id": "shelly1-ABC", "gen": "2"},
)


@pytest.mark.parametrize(
    ("matcher", "fits"),
    [
        (ServiceMatcher(type="_http._tcp.local."), True),
        (ServiceMatcher(type="_HTTP._tcp.local."), True),
        (ServiceMatcher(type="_https._tcp.local."), False),
        (ServiceMatcher(type="_http._tcp.local.", name="shelly*"), True),
        (ServiceMatcher(type="_http._tcp.local.", name="tasmota*"), False),
        (ServiceMatcher(type="_http._tcp.local.", properties={"gen": "2"}), True),
        (ServiceMatcher(type="_http._tcp.local.", properties={"ID": "shelly*", "gen": "[23]"}), True),
        (ServiceMatcher(type="_http._tcp.local.", properties={"gen": "1"}), False),
        (ServiceMatcher(type="_http._tcp.local.", properties={"app": "*"}), False),
    ],
)
def test_matchers_look_at_type_name_and_properties(matcher: ServiceMatcher, fits: bool) -> None:
    assert matches(matcher, FOUND) is fits
    manifest = Manifest(domain="shelly", name="Shelly", version="1", api=(1, 1), zeroconf=(matcher,))
    assert matching([manifest], FOUND) == (["shelly"] if fits else [])
