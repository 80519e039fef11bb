"""Connections on the hub's port that an isolated adapter serves."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator

import pytest

from hub.core.events import Event
from hub.gateway import Gateway
from tests.adapters.isolation.conftest import WildHome

CONNECT = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    async with gateway.listening("127.0.0.1", 0):
        yield gateway


@pytest.fixture
async def home(gateway: Gateway, _importable: None) -> AsyncIterator[WildHome]:
    async with WildHome(listeners=gateway).running() as home:
        yield home


async def talk(gateway: Gateway) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect and see that what was sent first, which the hub has read, comes back from where it belongs."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(CONNECT)
    async with asyncio.timeout(10):
        assert await reader.readexactly(len(CONNECT)) == CONNECT
    return reader, writer


@pytest.mark.parametrize("isolated", [False, True], ids=["in the hub", "isolated"])
async def test_a_connection_is_served_with_its_peers_address(home: WildHome, gateway: Gateway, isolated: bool) -> None:
    visits: list[Event] = []
    home.bus.listen("wild_visitor", visits.append)
    await home.begin(isolated)
    await home.ask("serve")
    reader, writer = await talk(gateway)
    await home.until(lambda: visits)
    assert visits[0].data["peer"] == list(writer.get_extra_info("sockname"))
    assert (visits[0].data["pid"] == os.getpid()) is not isolated
    writer.write(b"again" * 100_000)
    async with asyncio.timeout(10):
        assert await reader.readexactly(500_000) == b"again" * 100_000
    writer.close()
    await writer.wait_closed()


async def test_many_connections_keep_apart(home: WildHome, gateway: Gateway) -> None:
    await home.begin(True)
    await home.ask("serve")
    talks = await asyncio.gather(*(talk(gateway) for _ in range(50)))
    for number, (_, writer) in enumerate(talks):
        writer.write(f"{number:04}".encode())
    for number, (reader, writer) in enumerate(talks):
        assert await reader.readexactly(4) == f"{number:04}".encode()
        writer.close()


async def test_a_protocol_that_somebody_serves_is_refused_there_as_here(home: WildHome, gateway: Gateway) -> None:
    await home.begin(True)
    gateway.serve("mqtt", asyncio.Protocol)
    result = await home.do("serve")
    assert "Expected a protocol that nobody serves on this port yet" in (result.error or "")


async def test_connections_end_with_the_process(home: WildHome, gateway: Gateway) -> None:
    await home.begin(True)
    await home.ask("serve")
    reader, writer = await talk(gateway)
    await home.do("exit")
    assert await reader.read() == b""
    writer.close()
    await home.ended()
    _, refused = await asyncio.open_connection("127.0.0.1", gateway.port)
    refused.close()
    await home.until(lambda: home.shown("lamp") == "off")
    assert (await home.do("serve")).ok


async def test_what_is_inside_tls_is_closed_with_the_reason(
    home: WildHome, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.adapters.isolation.doors import Door  # noqa: PLC0415

    closed = asyncio.Event()

    class Secure(asyncio.Transport):
        def abort(self) -> None:
            closed.set()

    door = Door(None, "mqtt")  # type: ignore[arg-type]
    context = ssl.create_default_context()
    secret = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="hub")
    door.connection_made(Secure({"ssl_object": secret}))
    door.data_received(CONNECT)
    assert closed.is_set()
    assert "Set 'isolated: false' for it" in caplog.text
