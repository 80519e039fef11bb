from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.adapters.interfaces import ConfigEntry
from tests.discovery.conftest import Home, Lamp, found


@pytest.fixture
async def elsewhere() -> AsyncIterator[Lamp]:
    lamp = Lamp("lamp-1")
    lamp.answering.set()
    async with await asyncio.start_server(lamp.answer, "127.0.0.1", 0) as server:
        lamp.port = server.sockets[0].getsockname()[1]
        yield lamp


@pytest.fixture
async def following(home: Home) -> AsyncIterator[Home]:
    running = asyncio.create_task(home.flows.run(), name="flows")
    yield home
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def configure(home: Home, port: int, source: str = "user") -> ConfigEntry:
    data = {"host": "127.0.0.1", "port": port, "password": "right"}
    return home.entries.create("lamp", "Lamp", data, unique_id="lamp-1", source=source)


async def closed_port() -> int:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def test_the_entry_follows_a_device_that_moved(following: Home, elsewhere: Lamp) -> None:
    entry = configure(following, await closed_port())
    changed: asyncio.Future[ConfigEntry | None] = asyncio.get_running_loop().create_future()
    following.entries.listen(lambda old, new: changed.set_result(new))
    following.flows.discovered(found(elsewhere))
    moved = await changed
    assert moved is not None
    assert moved.data == {**entry.data, "port": elsewhere.port}


async def test_an_announcement_does_not_lead_away_from_a_device_that_answers(
    following: Home, lamp: Lamp, elsewhere: Lamp
) -> None:
    configure(following, lamp.port)
    following.flows.discovered(found(elsewhere))
    await settled(following)
    assert not elsewhere.touched.is_set(), "the password is not sent to whoever announces something"
    assert following.entries.of("lamp")[0].data["port"] == lamp.port


async def test_another_device_is_not_taken_for_the_one_that_moved(following: Home, elsewhere: Lamp) -> None:
    port = await closed_port()
    configure(following, port)
    announced = found(elsewhere)
    elsewhere.unique_id = "another"
    following.flows.discovered(announced)
    await settled(following)
    assert following.entries.of("lamp")[0].data["port"] == port


async def test_an_entry_written_by_hand_stays_as_written(following: Home, elsewhere: Lamp) -> None:
    port = await closed_port()
    configure(following, port, source="yaml")
    following.flows.discovered(found(elsewhere))
    await settled(following)
    assert not elsewhere.touched.is_set()
    assert following.entries.of("lamp")[0].data["port"] == port


async def settled(home: Home) -> None:
    """Wait until every announcement has been looked into."""
    await home.flows._moves._waiting.join()
