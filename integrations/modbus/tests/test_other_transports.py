"""The same devices over a serial line, over RTU in TCP and over TLS."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conftest import Peer
from hearth_modbus.integration import probe
from hub import ConnectionLost
from hub.testing import RecordingHost
from integrations.modbus.tests.conftest import FOLDER, MAP, free_port
from integrations.modbus.tests.test_live import act, running, states
from tests.node_program import NodeProgram

DEVICE = {"unit_id": 1, "name": "Boiler", "poll": 0.1, "registers": MAP}


@asynccontextmanager
async def socat(peer: Peer, *ends: str) -> AsyncIterator[None]:
    """Join two ends."""
    program = peer("socat", "apt-get install socat")
    process = await asyncio.create_subprocess_exec(program, "-d", "-d", *ends, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(10):
            while b"listening on" not in (line := await process.stderr.readline()) and b"starting data" not in line:
                assert line, "socat has ended"
        drain = asyncio.create_task(process.stderr.read())
        yield
    finally:
        process.kill()
        await process.wait()
    await drain


@asynccontextmanager
async def serial_devices(peer: Peer, folder: Path) -> AsyncIterator[str]:
    """Devices at the far end of a serial line; yields the near end's path."""
    near, far = folder / "near", folder / "far"
    options = "raw,echo=0,link="
    async with socat(peer, f"pty,{options}{near}", f"pty,{options}{far}"):
        program = NodeProgram("modbus", FOLDER, "serial", far)
        await program.start()
        try:
            yield str(near)
        finally:
            await program.stop()


async def test_rtu_over_a_serial_line(host: RecordingHost, tmp_path: Path, peer: Peer) -> None:
    async with serial_devices(peer, tmp_path) as near:
        data = {"transport": "rtu", "serial_port": near, "baudrate": 19200, "timeout": 1, "devices": [DEVICE]}
        async with running(host, data) as adapter:
            await host.until(lambda: len(host.states) == 15)
            assert states(host)["Temperature"] == "20.5"
            await act(adapter, "number.set_value", f"{near}/1/holding/0", value=33)
            await act(adapter, "switch.turn_on", f"{near}/1/coil/0")
            assert (states(host)["Set point"], states(host)["Pump"]) == ("33", "on")
        assert not host.audited


async def test_rtu_over_tcp(host: RecordingHost, tmp_path: Path, peer: Peer) -> None:
    port = free_port()
    async with (
        serial_devices(peer, tmp_path) as near,
        socat(peer, f"tcp-listen:{port},bind=127.0.0.1,fork,reuseaddr", f"file:{near},raw,echo=0"),
    ):
        data = {"transport": "rtu_over_tcp", "host": "127.0.0.1", "port": port, "timeout": 1, "devices": [DEVICE]}
        async with running(host, data) as adapter:
            await host.until(lambda: len(host.states) == 15)
            await act(adapter, "number.set_value", f"127.0.0.1:{port}/1/holding/1", value=3.5)
            assert states(host)["Gain"] == "3.5"


async def test_a_serial_port_that_is_not_there_is_said(host: RecordingHost, tmp_path: Path) -> None:
    missing = str(tmp_path / "ttyUSB7")
    registers = "- {name: Temperature, kind: input, address: 0, type: float32}"
    with pytest.raises(ConnectionLost, match=r"ttyUSB7 cannot be reached: .*could not open port"):
        await probe({"transport": "rtu", "serial_port": missing, "unit_id": 1, "registers": registers})


async def test_tls_with_a_certificate_that_is_trusted_and_with_one_that_is_not(
    host: RecordingHost, tmp_path: Path
) -> None:
    write_certificate(tmp_path)
    port = free_port()
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    program = NodeProgram("modbus", FOLDER, "tls", port, certificate, key, free_port())
    await program.start()
    data: dict[str, Any] = {"transport": "tls", "host": "127.0.0.1", "port": port, "devices": [DEVICE]}
    try:
        async with running(host, {**data, "ca": str(certificate)}) as adapter:
            await host.until(lambda: len(host.states) == 15)
            await act(adapter, "switch.turn_on", f"127.0.0.1:{port}/1/coil/0")
            assert states(host)["Pump"] == "on"
        with pytest.raises(ConnectionLost, match=r"cannot be reached: .*CERTIFICATE_VERIFY_FAILED"):
            async with running(RecordingHost(), data):
                pass
    finally:
        await program.stop()


def write_certificate(folder: Path) -> None:
    """Write a self-signed certificate of this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
