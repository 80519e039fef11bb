"""prosody as a foreign peer: a real XMPP server on a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DOMAIN = "localhost"
ROOMS = "rooms.localhost"
PATIENCE = 15.0
"""Seconds after which a test that waits has failed."""

_CONFIGURATION = """\
run_as_root = true
data_path = "{folder}/data"
pidfile = "{folder}/prosody.pid"
plugin_paths = {{}}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "presence", "message", "iq", "c2s", "ping", "offline" }}
modules_disabled = {{ "s2s", {disabled} }}
authentication = "internal_plain"
storage = "internal"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ {direct_port} }}
c2s_require_encryption = {encrypted}
allow_unencrypted_plain_auth = true
ssl = {{ certificate = "{folder}/cert.pem"; key = "{folder}/key.pem"; protocol = "{tls}" }}
c2s_direct_tls_ssl = {{ certificate = "{folder}/cert.pem"; key = "{folder}/key.pem"; protocol = "{tls}" }}
log = {{ warn = "*console" }}

VirtualHost "{domain}"
Component "{rooms}" "muc"
  modules_disabled = {{ "s2s" }}
  restrict_room_creation = false
  muc_room_locking = false
"""


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Prosody:
    """A server with these users (name: password), started by ``start`` and started again after ``stop``.

    ``tls`` is prosody's name of the only version that it speaks; with None it offers no encryption and asks for none.
    """

    program: str
    folder: Path
    users: Mapping[str, str]
    tls: str | None = "tlsv1_3"
    port: int = field(default_factory=free_port)
    direct_port: int = field(default_factory=free_port)
    _process: asyncio.subprocess.Process | None = None

    @property
    def ca(self) -> str:
        """The file with the certificate to trust."""
        return str(self.folder / "cert.pem")

    async def start(self) -> None:
        """Start it and wait until it takes connections."""
        self._write()
        self._process = await asyncio.create_subprocess_exec(
            self.program, "-F", "--config", str(self.folder / "prosody.cfg.lua"), stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE):
            await _answers(self.port)

    async def stop(self) -> None:
        """End it, as a power cut does."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    def _write(self) -> None:
        accounts = self.folder / "data" / DOMAIN / "accounts"
        accounts.mkdir(parents=True, exist_ok=True)
        for name, password in self.users.items():
            (accounts / f"{name}.dat").write_text(f'return {{ ["password"] = "{password}"; }};\n')
        if not (self.folder / "cert.pem").exists():
            write_certificate(self.folder)
        text = _CONFIGURATION.format(
            folder=self.folder, port=self.port, direct_port=self.direct_port, tls=self.tls or "tlsv1_3", domain=DOMAIN,
            rooms=ROOMS, encrypted=str(self.tls is not None).lower(), disabled="" if self.tls else '"tls"',
        )  # fmt: skip
        (self.folder / "prosody.cfg.lua").write_text(text)


async def _answers(port: int) -> None:
    """Wait until somebody takes connections on the port."""
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(0.02)  # prosody does not say when it listens


def write_certificate(folder: Path) -> None:
    """Write a self-signed certificate of the domain, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAIN)])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(DOMAIN), x509.DNSName(ROOMS), x509.IPAddress(IPv4Address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
