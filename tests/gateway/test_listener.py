from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import pytest

from hub.errors import InvalidInput
from hub.gateway import Gateway, Verdict, Wire

Serving = Callable[..., AbstractAsyncContextManager[Any]]


class Recorded(asyncio.Protocol):
    """A protocol that keeps what it was sent and answers CONNECT as an MQTT server does."""

    def __init__(self) -> None:
        self.received = b""
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.received.startswith(b"\x10") and len(self.received) - 2 >= self.received[1]:
            self.transport.write(b"\x20\x02\x00\x00" if self.received[8] == 4 else b"\x20\x03\x00\x00\x00")

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(exc)


async def run(*command: str) -> int:
    process = await asyncio.create_subprocess_exec(*command)
    return await process.wait()


async def test_one_port_serves_http_websocket_and_mqtt(serving: Serving) -> None:
    async with serving() as served, aiohttp.ClientSession() as session:
        served.gateway.serve("mqtt", Recorded)
        async with session.get(served.url) as response:
            assert await response.text() == "hello"
        async with session.ws_connect(served.url) as websocket:
            await websocket.send_str("hi")
            assert await websocket.receive_str() == "echo hi"
        for version in ("mqttv311", "mqttv5"):
            port = str(served.gateway.port)
            topic = ["-h", "127.0.0.1", "-p", port, "-t", "a", "-m", "b", "-V", version]
            assert await run("mosquitto_pub", *topic) == 0
        seen = [(await served.arrivals.get()).protocol for _ in range(3)]
        assert seen == [Wire.HTTP, Wire.MQTT, Wire.MQTT], "one connection carried both HTTP requests"


async def test_localhost_is_both_loopback_addresses_at_the_same_port(serving: Serving) -> None:
    async with serving() as served, aiohttp.ClientSession() as session:
        assert served.gateway.addresses == ("127.0.0.1", "::1")
        for host in ("127.0.0.1", "[::1]", "localhost"):
            async with session.get(f"http://{host}:{served.gateway.port}/") as response:
                assert response.status == 200


async def test_a_request_may_come_byte_by_byte(serving: Serving) -> None:
    async with serving() as served:
        reader, writer = await served.connect()
        for byte in b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbyte":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await reader.read()).endswith(b"hello byte")
        writer.close()


async def test_a_large_request_in_one_piece_is_replayed_whole(serving: Serving) -> None:
    body = b"x" * 200_000
    async with serving() as served, aiohttp.ClientSession() as session, session.post(served.url, data=body) as response:
        assert len(await response.text()) == len("hello ") + len(body)


@pytest.mark.parametrize(
    ("flight", "protocol", "verdict"),
    [
        (b"\xff\xfe\xfd\xfc", Wire.UNKNOWN, Verdict.UNKNOWN_PROTOCOL),
        (b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a", Wire.MODBUS, Verdict.NOT_SERVED),
        (b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", Wire.MQTT, Verdict.NOT_SERVED),
        (b"GET " + b"x" * 5000, Wire.UNKNOWN, Verdict.UNDECIDED),
    ],
)
async def test_what_nobody_serves_is_named_and_closed_at_once(
    serving: Serving, flight: bytes, protocol: Wire, verdict: Verdict
) -> None:
    async with serving(patience=600) as served:
        reader, writer = await served.connect()
        writer.write(flight)
        assert await reader.read() == b""
        arrival = await served.arrivals.get()
        assert (arrival.protocol, arrival.verdict) == (protocol, verdict)
        assert arrival.peer.startswith("127.0.0.1:")
        assert served.gateway.undecided == 0
        writer.close()


async def test_tls_is_refused_with_an_alert_where_there_is_no_certificate(serving: Serving) -> None:
    async with serving() as served, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorSSLError, match=r"(?i)handshake.failure"):
            await session.get(served.url.replace("http:", "https:"))
        arrival = await served.arrivals.get()
        assert (arrival.protocol, arrival.verdict) == (Wire.TLS, Verdict.NOT_SERVED)


async def test_a_silent_client_is_closed_when_patience_ends(serving: Serving) -> None:
    async with serving(patience=0.05) as served:
        reader, writer = await served.connect()
        writer.write(b"GE")
        assert await reader.read() == b""
        assert (await served.arrivals.get()).verdict is Verdict.SILENT
        writer.close()


async def test_a_client_that_leaves_without_a_word_is_noted(serving: Serving) -> None:
    async with serving() as served:
        _, writer = await served.connect()
        writer.close()
        assert (await served.arrivals.get()).verdict is Verdict.UNDECIDED
        assert served.gateway.undecided == 0


async def test_a_thousand_silent_connections_neither_pile_up_nor_keep_others_out(serving: Serving) -> None:
    async with serving(patience=600, undecided_per_source=100) as served, aiohttp.ClientSession() as session:
        idle = [(await served.connect())[1] for _ in range(1000)]
        async with session.get(served.url) as response:
            assert await response.text() == "hello"
        verdicts = [(await served.arrivals.get()).verdict for _ in range(902)]
        assert (verdicts.count(Verdict.CROWDED_OUT), verdicts.count(Verdict.ACCEPTED)) == (901, 1)
        assert served.gateway.undecided == 99
        for writer in idle:
            writer.close()


async def test_the_oldest_of_all_gives_way_where_too_many_sources_wait(serving: Serving) -> None:
    async with serving(patience=600, undecided_total=2) as served:
        port = served.gateway.port
        opened = [
            await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.0.{number}", 0))
            for number in (2, 3, 4)
        ]
        arrival = await served.arrivals.get()
        assert (arrival.peer.partition(":")[0], arrival.verdict) == ("127.0.0.2", Verdict.CROWDED_OUT)
        for _, writer in opened:
            writer.close()


async def test_the_owner_has_the_connection_to_itself_and_it_ends_with_the_gateway() -> None:
    gateway = Gateway()
    owners: list[Recorded] = []

    def owner() -> Recorded:
        owners.append(Recorded())
        return owners[-1]

    unlisten = gateway.serve("mqtt", owner)
    async with gateway.listening(port=0):
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        connect = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"
        writer.write(connect)
        assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
        unlisten()
        assert not owners[0].ended.done()
        assert owners[0].received == connect
    await owners[0].ended
    assert await reader.read() == b""
    assert gateway.port == 0
    writer.close()


async def test_a_protocol_has_one_owner() -> None:
    gateway = Gateway()
    unlisten = gateway.serve("mqtt", Recorded)
    with pytest.raises(InvalidInput, match="nobody serves on this port yet, got mqtt"):
        gateway.serve("mqtt", Recorded)
    unlisten()
    gateway.serve("mqtt", Recorded)


@pytest.mark.parametrize("protocol", ["tls", "unknown", "smtp"])
def test_only_what_can_be_told_apart_can_be_served(protocol: str) -> None:
    with pytest.raises(InvalidInput, match=f"can be told apart .*got '{protocol}'"):
        Gateway().serve(protocol, Recorded)


async def test_a_taken_port_is_an_error_that_says_what_helps() -> None:
    gateway = Gateway()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InvalidInput, match=rf"port {port} of localhost to be free.*hearth run --port {port + 1}"):
            async with gateway.listening("localhost", port):
                pass


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.77", "127.0.0.1.invalid"])  # noqa: S104 - they are refused
async def test_without_a_certificate_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(InvalidInput, match="Expected a loopback address while there is no TLS certificate"):
        async with Gateway().listening(host, 0):
            pass
