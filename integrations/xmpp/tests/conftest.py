from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiodns
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conftest import Peer
from hearth_xmpp.testing import DOMAIN, Prosody
from hub.testing import RecordingHost

USERS = {"hearth": "hub secret", "ada": "ada secret", "eve": "eve secret"}


@pytest.fixture(autouse=True, scope="session")
def _resolver_thread() -> None:
    """Ask once for a name: the DNS library keeps one thread from then on, for as long as the process lives."""

    async def ask() -> None:
        await aiodns.DNSResolver().close()

    asyncio.run(ask())


@pytest.fixture
async def server(tmp_path: Path, peer: Peer) -> AsyncIterator[Prosody]:
    """A running prosody that speaks TLS 1.3 alone, with three users."""
    folder = tmp_path / "prosody"
    folder.mkdir()
    write_certificate(folder)
    server = Prosody(peer("prosody", "apt-get install prosody"), folder, USERS)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def host() -> AsyncIterator[RecordingHost]:
    host = RecordingHost()
    yield host
    await host.close()


@pytest.fixture
def account(server: Prosody) -> Mapping[str, Any]:
    """The entry's data of the hub's own account."""
    password = USERS["hearth"]
    return {"jid": f"hearth@{DOMAIN}", "password": password, "host": "127.0.0.1", "port": server.port, "ca": server.ca}


def write_certificate(folder: Path) -> None:
    """Write a self-signed certificate of the domain, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAIN)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(DOMAIN)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
