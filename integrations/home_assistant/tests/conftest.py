from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hearth_home_assistant.config import Settings
from hearth_home_assistant.connection import Connection, client_session, connected
from hearth_home_assistant.testing import DEMO, INSTALL, HomeAssistant, home_assistant, installed
from hub.testing import RunningHub, running_hub

RELEASES = [name for name in ("home-assistant", "home-assistant-2026") if installed(name)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what talks to a Home Assistant with each that is installed."""
    if "release" in metafunc.fixturenames:
        metafunc.parametrize("release", RELEASES or ["home-assistant"], scope="module")


@pytest.fixture(scope="module")
def python(release: str) -> Path:
    """The Python of an installed Home Assistant."""
    python = installed(release)
    if python is not None:
        return python
    reason = f"this test talks to Home Assistant, which is not installed: {INSTALL}"
    if os.environ.get("HEARTH_REQUIRE_PEERS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def demo(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HomeAssistant]:
    """One for all tests of a module, with entities of nearly every domain."""
    with home_assistant(tmp_path_factory.mktemp("home_assistant"), DEMO, python=python) as peer:
        yield peer


Bridged = Callable[..., AbstractAsyncContextManager[RunningHub]]


@pytest.fixture
def bridged(tmp_path: Path) -> Bridged:
    """``async with bridged(demo) as running`` is a hub over one folder, to which a Home Assistant is bridged."""

    @asynccontextmanager
    async def bridge(peer: HomeAssistant, **options: Any) -> AsyncIterator[RunningHub]:
        entry = {"url": peer.url, "token": peer.token, **options}
        async with running_hub(tmp_path / "hub", integrations={"home_assistant": [entry]}) as running:
            await running.until(lambda: is_connected(running), 30)
            yield running

    (tmp_path / "hub").mkdir(mode=0o700)
    return bridge


def health_of(running: RunningHub) -> tuple[bool | None, str | None]:
    """Return whether the bridge has its connection, and what it says of it."""
    return next(
        (row.connected, row.reason) for row in running.hub.supervisor.health() if row.integration == "home_assistant"
    )


def is_connected(running: RunningHub) -> bool:
    return health_of(running)[0] is True


def state_of(running: RunningHub, entity_id: str) -> str | None:
    state = running.hub.states.get(entity_id)
    return None if state is None else state.state


async def ask(running: RunningHub, method: str, path: str, document: Any = None) -> tuple[int, Any]:
    """Return the status and the document with which the hub answers."""
    async with (
        client_session() as session,
        session.request(method, f"{running.url}/api/{path}", json=document, headers=running.headers) as response,
    ):
        return response.status, await response.json(content_type=None)


async def act(running: RunningHub, action: str, **data: Any) -> Any:
    """Carry out an action here, which must be accepted."""
    status, answer = await ask(running, "POST", f"services/{action.replace('.', '/')}", data)
    assert status == 200, answer
    return answer


@asynccontextmanager
async def talking_to(peer: HomeAssistant) -> AsyncIterator[Connection]:
    """A second client of a Home Assistant: what somebody does over there."""
    settings = Settings.parse({"url": peer.url, "token": peer.token})
    async with client_session() as http, connected(http, settings) as connection:
        reading = asyncio.create_task(connection.read())
        try:
            yield connection
        finally:
            reading.cancel()
            await asyncio.wait([reading])
