from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiodns
import pytest

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
