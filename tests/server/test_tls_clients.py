"""The hub as other machines meet it: on an address of this machine's that is not loopback, by the programs people use."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import Page, async_playwright, expect

from conftest import Peer
from hub.cli import certificate as command
from hub.cli.main import parser
from hub.config.machine import machine_addresses
from hub.gateway import Verdict, Wire
from hub.server.dashboard import STATIC
from hub.testing import RunningHub, running_hub
from hub.testing.running import OWNER
from tests.server.conftest import login

pytestmark = pytest.mark.asyncio(loop_scope="module")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]
HELLO = "Hearth is here"


@dataclass
class Secure:
    """A hub that others reach at ``address``, by the name ``hub.example`` too."""

    home: RunningHub
    address: str

    @property
    def port(self) -> str:
        return str(self.home.hub.port)

    @property
    def url(self) -> str:
        return f"https://{self.address}:{self.port}"

    @property
    def tls(self) -> Path:
        return self.home.hub.folder / ".hearth" / "tls"

    @property
    def ca(self) -> str:
        return str(self.tls / "authority.crt")

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secure(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Secure]:
    address = next((one for one in machine_addresses() if ":" not in one), None)
    if address is None:
        pytest.skip("this machine has no address but loopback's")
    folder = tmp_path_factory.mktemp("secure") / "home"
    async with running_hub(folder, host=address, server_names=("hub.example",)) as home:
        yield Secure(home, address)


async def run(*words: str, given: bytes = b"") -> tuple[int, str]:
    """Run a program to its end; return its exit code and all that it said."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    async with asyncio.timeout(30):
        out, _ = await process.communicate(given)
    return process.returncode or 0, out.decode(errors="replace")


@pytest.mark.parametrize(("version", "accepted"), [("-tls1_3", True), ("-tls1_2", False), ("-tls1_1", False)])
async def test_openssl_is_let_in_with_tls_1_3_alone(secure: Secure, peer: Peer, version: str, accepted: bool) -> None:
    openssl = peer("openssl", "apt-get install openssl")
    told = ("-CAfile", secure.ca, "-verify_return_error", "-verify_ip", secure.address, "-cipher", "ALL:@SECLEVEL=0")
    code, said = await run(openssl, "s_client", "-connect", f"{secure.address}:{secure.port}", version, *told)
    assert (code == 0, "New, TLSv1.3" in said) == (accepted, accepted), said
    assert ("alert protocol version" in said or "no protocols available" in said) != accepted


async def test_curl_trusts_the_authority_by_address_and_by_name(secure: Secure, peer: Peer) -> None:
    curl = peer("curl", "apt-get install curl")
    options = ("-sS", "--noproxy", "*", "--cacert", secure.ca)
    code, said = await run(curl, *options, f"{secure.url}/health")
    assert (code, said) == (0, '{"status":"ok"}')
    resolve = ("--resolve", f"hub.example:{secure.port}:{secure.address}")
    code, said = await run(curl, *options, *resolve, f"https://hub.example:{secure.port}/health")
    assert (code, said) == (0, '{"status":"ok"}')


async def test_curl_refuses_another_name_and_an_authority_it_was_not_told_of(secure: Secure, peer: Peer) -> None:
    curl = peer("curl", "apt-get install curl")
    resolve = ("--resolve", f"other.example:{secure.port}:{secure.address}")
    url = f"https://other.example:{secure.port}/health"
    code, said = await run(curl, "-sS", "--noproxy", "*", "--cacert", secure.ca, *resolve, url)
    assert code == 60, said
    code, said = await run(curl, "-sS", "--noproxy", "*", f"{secure.url}/health")
    assert code == 60, said


async def test_a_request_for_a_name_that_is_not_the_hubs_is_refused(secure: Secure) -> None:
    async with aiohttp.ClientSession() as session:
        for host, status in (("hub.example", 200), ("other.example", 421)):
            async with session.get(f"{secure.url}/health", headers={"Host": host}, ssl=secure.client()) as response:
                assert response.status == status


async def test_mosquitto_subscribes_over_tls_at_the_same_port(secure: Secure, peer: Peer) -> None:
    subscribe, publish = (
        peer(name, "apt-get install mosquitto-clients") for name in ("mosquitto_sub", "mosquitto_pub")
    )
    who = ("-p", secure.port, "-u", "any", "-P", secure.home.token, "-t", "attic/hello")
    tls = ("-h", secure.address, "--cafile", secure.ca, "--tls-version", "tlsv1.3")
    assert await run(publish, "-h", "localhost", *who, "-r", "-m", HELLO) == (0, "")  # on this machine as ever
    assert await run(subscribe, *tls, *who, "-C", "1", "-W", "20") == (0, f"{HELLO}\n")
    assert await run(publish, *tls, *who, "-m", "again") == (0, "")
    code, said = await run(publish, "-h", secure.address, *who, "-m", "without TLS")
    assert code != 0
    assert "without TLS" not in said


@pytest.mark.parametrize(("language", "words"), [("en-GB", "speaks TLS only"), ("zh-CN", "只使用 TLS")])
async def test_a_browser_without_tls_is_told_how_to_come_with_it(secure: Secure, language: str, words: str) -> None:
    plain, headers = secure.url.replace("https:", "http:"), {"Accept": "text/html", "Accept-Language": language}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{plain}/lights") as response:
        page = await response.text()
        assert (response.status, response.headers["Upgrade"]) == (426, "TLS/1.3, HTTP/1.1")
        assert "script" not in response.headers["Content-Security-Policy"]
    assert words in page
    assert f'href="{secure.url}"' in page
    assert (secure.home.hub.certificates.fingerprint() or "?") in page


@pytest.mark.parametrize("path", ["/", "/api/states", "/auth/providers", "/assets/x.js", "/api/websocket", "/health"])
async def test_nothing_else_is_told_without_tls(secure: Secure, path: str) -> None:
    plain = secure.url.replace("https:", "http:")
    async with aiohttp.ClientSession(headers=secure.home.headers) as session:
        for method in ("GET", "POST"):
            async with session.request(method, plain + path) as response:
                assert response.status == 426
                assert await response.text() == f"426: this hub speaks TLS 1.3 only: {secure.url}\n"


async def test_the_authority_can_be_fetched_with_and_without_tls_and_is_the_one_told_of(secure: Secure) -> None:
    plain = secure.url.replace("https:", "http:")
    async with aiohttp.ClientSession() as session:
        for url, context in ((plain, None), (secure.url, secure.client()), (secure.home.url, None)):
            async with session.get(f"{url}/ca.crt", ssl=context or True) as response:
                content = await response.read()
                assert response.content_type == "application/x-x509-ca-cert"
            digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(content.decode())).hexdigest()
            assert digest == (secure.home.hub.certificates.fingerprint() or "").replace(":", "").lower()


async def test_where_clients_trust_the_certificate_already_they_are_led_to_it(secure: Secure) -> None:
    plain = secure.url.replace("https:", "http:")
    trust = secure.home.hub.certificates
    trust._own_is_shown = True
    try:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{plain}/history?hours=2", allow_redirects=False) as response:
                assert (response.status, response.headers["Location"]) == (308, f"{secure.url}/history?hours=2")
            async with session.post(f"{plain}/auth/token", allow_redirects=False) as response:
                assert response.status == 426
            async with session.get(f"{plain}/ca.crt") as response:
                assert response.status == 404
    finally:
        trust._own_is_shown = False


async def test_a_renewal_leaves_an_open_connection_open(secure: Secure) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{secure.url}/api/websocket", ssl=secure.client()) as socket:
            client = await login(socket, secure.home.token)
            before = await _serial(secure)
            options = parser().parse_args(["certificate", "renew", "--config", str(secure.home.hub.folder), "--json"])
            assert await asyncio.to_thread(command.renew, options) == 0
            assert await _serial(secure) != before
            assert (await client.ask("ping"))["type"] == "pong"
        async with session.get(f"{secure.url}/health", ssl=secure.client()) as response:
            assert response.status == 200


async def _serial(secure: Secure) -> int:
    _, writer = await asyncio.open_connection(secure.address, int(secure.port), ssl=secure.client())
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return x509.load_der_x509_certificate(shown).serial_number


async def test_every_refusal_is_in_the_audit(secure: Secure) -> None:
    async with aiohttp.ClientSession() as session, session.get(secure.url.replace("https:", "http:")):
        rows = await secure.home.hub.audit.rows(limit=20)
    refused = [
        row for row in rows if (row.kind, row.subject, row.outcome) == ("connection", Wire.HTTP, Verdict.NEEDS_TLS)
    ]
    assert refused


async def test_an_exception_from_tls_is_in_the_audit_at_each_start(tmp_path: Path) -> None:
    for times in (1, 2):
        async with running_hub(tmp_path / "home", plain_protocols=("mqtt",)) as home:
            rows = await home.hub.audit.rows(limit=100)
            said = [row for row in rows if (row.kind, row.subject, row.caller) == ("connection", "mqtt", "settings")]
            assert len(said) == times


async def test_a_browser_uses_the_dashboard_over_a_secure_websocket(secure: Secure, peer: Peer) -> None:
    path = peer("chromium", "apt-get install chromium")
    if not (STATIC / "index.html").is_file():
        pytest.skip("this test looks at the dashboard, which is not built: run script/run or script/test once")
    sockets: list[str] = []
    async with async_playwright() as playwright:
        trusted = f"--ignore-certificate-errors-spki-list={_public_key(secure)}"
        browser = await playwright.chromium.launch(executable_path=path, args=[*SWITCHES, trusted])
        page = await browser.new_page(locale="en-GB")
        page.on("websocket", lambda socket: sockets.append(socket.url))
        page.set_default_timeout(30_000)
        await _log_in(page, secure)
        await browser.close()
    assert sockets
    assert {url.partition("?")[0] for url in sockets} == {f"wss://{secure.address}:{secure.port}/api/websocket"}


def _public_key(secure: Secure) -> str:
    """Return the key that the browser is to trust, as it wants it."""
    pem = (secure.tls / "server.pem").read_bytes()
    key = x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERT") :]).public_key()
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(info).digest()).decode()


async def _log_in(page: Page, secure: Secure) -> None:
    await page.goto(secure.url)
    await page.get_by_label("User name", exact=True).fill(OWNER["username"])
    await page.get_by_label("Password", exact=True).fill(OWNER["password"])
    await page.get_by_role("button", name=re.compile("Log in|Sign in")).click()
    await expect(page.get_by_role("navigation").first).to_be_visible(timeout=30_000)
    assert await page.evaluate("window.isSecureContext")
