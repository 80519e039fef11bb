from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.config.machine import machine_addresses
from hub.errors import InvalidInput
from hub.gateway import Gateway, Verdict, Wire, plain_wires

Serving = Callable[..., AbstractAsyncContextManager[Any]]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


def make_certificate(file: Path) -> Path:
    """Write a key, and a certificate for localhost that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(hours=1)).not_valid_after(now + dt.timedelta(days=1))
    signed = builder.add_extension(x509.SubjectAlternativeName(names), critical=False).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def server(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


async def test_https_and_http_share_the_port_on_loopback(
    serving: Serving, server: ssl.SSLContext, client: ssl.SSLContext
) -> None:
    async with serving(ssl_context=server) as served, aiohttp.ClientSession() as session:
        async with session.get(served.url.replace("http:", "https:"), ssl=client) as response:
            assert await response.text() == "hello"
        async with session.get(served.url) as response:
            assert await response.text() == "hello"
        secure, plain = await served.arrivals.get(), await served.arrivals.get()
        assert (secure.protocol, secure.tls, plain.tls) == (Wire.HTTP, "TLSv1.3", None)


async def test_a_large_body_and_a_websocket_go_through_tls(
    serving: Serving, server: ssl.SSLContext, client: ssl.SSLContext
) -> None:
    async with serving(ssl_context=server) as served, aiohttp.ClientSession() as session:
        url = served.url.replace("http:", "https:")
        async with session.post(url, data=b"x" * 300_000, ssl=client) as response:
            assert len(await response.text()) == 300_006
        async with session.ws_connect(url, ssl=client) as websocket:
            await websocket.send_str("hi")
            assert await websocket.receive_str() == "echo hi"


async def test_a_client_hello_may_come_byte_by_byte(
    serving: Serving, server: ssl.SSLContext, client: ssl.SSLContext
) -> None:
    async with serving(ssl_context=server) as served:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = client.wrap_bio(incoming, outgoing, server_hostname="localhost")
        reader, writer = await served.connect()
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                for byte in outgoing.read():
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0)
                incoming.write(await reader.read(65536))
        tls.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        writer.write(outgoing.read())
        assert (await served.arrivals.get()).tls == "TLSv1.3"
        writer.close()


async def test_a_client_without_tls_1_3_is_refused_and_noted(
    serving: Serving, server: ssl.SSLContext, client: ssl.SSLContext
) -> None:
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    async with serving(ssl_context=server) as served, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(served.url.replace("http:", "https:"), ssl=client)
        arrival = await served.arrivals.get()
        assert (arrival.protocol, arrival.verdict) == (Wire.TLS, Verdict.TLS_FAILED)
        assert "unsupported protocol" in arrival.detail.lower()
        assert served.gateway.undecided == 0


async def test_a_client_that_leaves_during_the_handshake_waits_no_more(
    serving: Serving, server: ssl.SSLContext
) -> None:
    async with serving(ssl_context=server) as served:
        _, writer = await served.connect()
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        await writer.drain()
        writer.close()
        assert (await served.arrivals.get()).verdict is Verdict.TLS_FAILED
        assert served.gateway.undecided == 0


async def test_off_loopback_plain_text_is_refused_and_tls_is_served(
    serving: Serving, server: ssl.SSLContext, client: ssl.SSLContext
) -> None:
    address = address_of_this_machine()
    client.check_hostname = False
    async with serving(host=address, ssl_context=server) as served, aiohttp.ClientSession() as session:
        port = served.gateway.port
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.get(f"http://{address}:{port}/")
        assert (await served.arrivals.get()).verdict is Verdict.NEEDS_TLS
        async with session.get(f"https://{address}:{port}/", ssl=client) as response:
            assert response.status == 200


async def test_a_new_certificate_is_for_new_handshakes_and_open_connections_go_on(
    serving: Serving, server: ssl.SSLContext, client: ssl.SSLContext, certificate: Path
) -> None:
    fresh = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    fresh.minimum_version = ssl.TLSVersion.TLSv1_3
    fresh.load_cert_chain(make_certificate(certificate.with_name("fresh.pem")))
    async with serving(ssl_context=server) as served, aiohttp.ClientSession() as session:
        url = served.url.replace("http:", "https:")
        async with session.ws_connect(url, ssl=client) as websocket:
            served.gateway.secure(fresh)
            async with aiohttp.ClientSession() as another:
                with pytest.raises(aiohttp.ClientConnectorCertificateError):
                    await another.get(url, ssl=client)
            await websocket.send_str("still here")
            assert await websocket.receive_str() == "echo still here"


async def test_a_browser_of_another_machine_without_tls_gets_the_answer_for_it(
    serving: Serving, server: ssl.SSLContext
) -> None:
    address = address_of_this_machine()
    async with serving(host=address, ssl_context=server) as served, aiohttp.ClientSession() as session:
        app = web.Application()
        app.router.add_get("/", _come_with_tls)
        runner = web.AppRunner(app)
        await runner.setup()
        served.gateway.answer_insecure(runner.server)
        async with session.get(f"http://{address}:{served.gateway.port}/") as response:
            assert (response.status, await response.text()) == (426, "come with TLS")
        assert (await served.arrivals.get()).verdict is Verdict.NEEDS_TLS
        async with session.get(
            served.url
        ) as response:  # this machine's own programs need none, wherever else it listens
            assert await response.text() == "hello"
        await runner.cleanup()


async def _come_with_tls(_: web.Request) -> web.Response:
    return web.Response(status=426, text="come with TLS")


@pytest.mark.parametrize(("plain", "verdict"), [((), Verdict.NEEDS_TLS), (("mqtt",), Verdict.ACCEPTED)])
async def test_other_machines_speak_without_tls_only_what_is_named(
    serving: Serving, server: ssl.SSLContext, plain: tuple[str, ...], verdict: Verdict
) -> None:
    address = address_of_this_machine()
    async with serving(host=address, ssl_context=server, plain=plain_wires(plain)) as served:
        served.gateway.serve("mqtt", asyncio.Protocol)
        _, writer = await asyncio.open_connection(address, served.gateway.port)
        writer.write(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")
        arrival = await served.arrivals.get()
        assert (arrival.protocol, arrival.verdict, arrival.tls) == (Wire.MQTT, verdict, None)
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("protocol", "reason"), [("http", "browsers can"), ("h2", "browsers can"), ("tls", "told apart")]
)
def test_what_may_never_be_plain_is_refused(protocol: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        plain_wires(["mqtt", protocol])


def test_a_context_that_allows_older_tls_is_not_taken() -> None:
    with pytest.raises(InvalidInput, match=r"begins at TLS 1\.3"):
        Gateway(ssl_context=ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))


def address_of_this_machine() -> str:
    address = next((one for one in machine_addresses() if ":" not in one), None)
    return address or pytest.skip("this machine has no address but loopback's")
