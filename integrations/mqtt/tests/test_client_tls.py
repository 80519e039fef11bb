from __future__ import annotations

import datetime as dt
import gc
from collections.abc import AsyncIterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hearth_mqtt.client import BrokerClient
from hearth_mqtt.config import BrokerSettings
from hearth_mqtt.testing import free_port, start_broker
from hub import ConnectionLost


def _certificate(folder: Path) -> None:
    """Write a self-signed certificate of 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test broker")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
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
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, plain))


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[int]:
    _certificate(tmp_path)
    settings = (f"certfile {tmp_path}/cert.pem", f"keyfile {tmp_path}/key.pem", "allow_anonymous true", "user root")
    port = free_port()
    running = await start_broker(tmp_path, port, *settings)
    yield port
    await running.kill()


async def test_connects_over_tls_to_a_broker_whose_certificate_is_trusted(broker: int, tmp_path: Path) -> None:
    settings = BrokerSettings(host="127.0.0.1", port=broker, tls=True, ca=str(tmp_path / "cert.pem"))
    async with BrokerClient(settings) as client:
        await client.publish("a", "1", qos=1)


@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
async def test_refuses_a_broker_whose_certificate_is_not_trusted(broker: int) -> None:
    with pytest.raises(ConnectionLost, match="certificate verify failed"):
        await BrokerClient(BrokerSettings(host="127.0.0.1", port=broker, tls=True)).__aenter__()
    gc.collect()  # paho leaves the socket of a failed handshake to the collector


async def test_says_so_when_the_file_of_certificates_is_missing(broker: int) -> None:
    settings = BrokerSettings(host="127.0.0.1", port=broker, tls=True, ca="/nowhere/ca.pem")
    with pytest.raises(ConnectionLost, match="No such file"):
        await BrokerClient(settings).__aenter__()
