"""prosody as a foreign peer: a real XMPP server on a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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

    ``folder`` holds ``cert.pem``, a certificate of DOMAIN, and ``key.pem``; what the server keeps comes beside them.

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
