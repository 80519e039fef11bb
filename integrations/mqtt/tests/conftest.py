from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth_mqtt.testing import Inbox, Mosquitto, Served, serve
from hub.testing import RecordingHost


@pytest.fixture
async def host() -> AsyncIterator[RecordingHost]:
    host = RecordingHost(secrets={"ada": "a-long-lived-token"})
    yield host
    await host.close()


@pytest.fixture
async def served(host: RecordingHost) -> AsyncIterator[Served]:
    async with serve(host) as served:
        yield served


@pytest.fixture
async def mosquitto(served: Served) -> AsyncIterator[Mosquitto]:
    peer = Mosquitto(served.port)
    yield peer
    await peer.close()


@pytest.fixture
async def inbox() -> Inbox:
    return Inbox()
