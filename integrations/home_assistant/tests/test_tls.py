"""A Home Assistant that speaks TLS with a certificate of its own."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hearth_home_assistant.integration import probe
from hearth_home_assistant.testing import HomeAssistant, home_assistant
from hub import ConnectionLost


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate of 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test home")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, plain))
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def sealed(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HomeAssistant]:
    folder = tmp_path_factory.mktemp("sealed")
    with home_assistant(folder, "", python=python, tls=certificate(folder)) as peer:
        yield peer


@pytest.fixture(autouse=True)
async def goodbye() -> AsyncIterator[None]:
    """Wait for the end of TLS: aiohttp does not, and a loop that ends before leaves the socket open."""
    yield
    loop: Any = asyncio.get_running_loop()
    async with asyncio.timeout(10):
        while any(each.get_extra_info("socket").fileno() >= 0 for each in tuple(loop._transports.values())):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_a_certificate_that_is_trusted_lets_it_in(sealed: HomeAssistant) -> None:
    probed = await probe({"url": sealed.url, "token": sealed.token, "ca": str(sealed.certificate)})
    assert probed.title == "A real home"


async def test_a_certificate_that_nobody_vouches_for_does_not(sealed: HomeAssistant) -> None:
    with pytest.raises(ConnectionLost, match="certificate verify failed"):
        await probe({"url": sealed.url, "token": sealed.token})


async def test_a_missing_file_of_certificates_is_named(sealed: HomeAssistant) -> None:
    with pytest.raises(ConnectionLost, match=r"got /nowhere/ca\.pem"):
        await probe({"url": sealed.url, "token": sealed.token, "ca": "/nowhere/ca.pem"})
