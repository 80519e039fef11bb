"""Several servers: the least busy answers, another one where it fails, and the local model at last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from hub.core.inference import (
    ChatRequest,
    CompletionRequest,
    Constraint,
    DecisionRequest,
    EmbeddingRequest,
)
from hub.errors import InferenceError, ModelUnavailable, WorkerDied
from hub.inference import ScriptedBackend
from hub.inference.remote import BackendPool, RemoteBackend
from tests.inference.chat.models import user
from tests.inference.remote.peers import Peer, is_backend, running, until

HELLO = CompletionRequest(prompt="hello")


@pytest.fixture
async def peers() -> AsyncIterator[list[Peer]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(Peer(owner="hearth", models=(name,)).running()) for name in ("one", "two")
        ]


def pool_of(peers: list[Peer], local: ScriptedBackend | None = None) -> BackendPool:
    return BackendPool([RemoteBackend(peer.url) for peer in peers], local)


async def well(pool: BackendPool) -> None:
    await until(lambda: all(server["state"] == "ready" for server in pool.status()["servers"]))


async def test_the_least_busy_server_answers(peers: list[Peer]) -> None:
    pool = pool_of(peers)
    async with running(pool):
        await well(pool)
        first, second = (is_backend(pool).generate(CompletionRequest(prompt="hang")) for _ in range(2))
        await anext(first)
        await anext(second)
        assert [len(peer.asked) for peer in peers] == [1, 1]
        assert [server["in_flight"] for server in pool.status()["servers"]] == [1, 1]
        await pool.generate(HELLO).aclose()
        for stream in (first, second):
            await stream.aclose()  # type: ignore[attr-defined]
        assert [server["in_flight"] for server in pool.status()["servers"]] == [0, 0]


@pytest.mark.parametrize("fault", ["broken", "busy", "garbage", "page"])
async def test_another_server_answers_where_one_fails(fault: str, peers: list[Peer]) -> None:
    peers[0].behave = fault
    pool = pool_of(peers)
    async with running(pool):
        await well(pool)
        assert (await pool.complete(HELLO)).text == "It is on."
        assert (await pool.embed(EmbeddingRequest(texts=("a",)))).vectors == ((1.0, 0.0),)
    assert len(peers[1].asked) >= 1


async def test_nothing_is_said_twice_where_a_server_fails_in_the_middle(peers: list[Peer]) -> None:
    peers[0].behave = peers[1].behave = "drop"
    pool = pool_of(peers, ScriptedBackend([("hello", "local")]))
    said = []
    async with running(pool):
        await well(pool)
        stream = pool.generate(HELLO)
        said.append((await anext(stream)).text)
        with pytest.raises(WorkerDied):
            await anext(stream)
    assert said == ["It "]
    assert sum(len(peer.asked) for peer in peers) == 1


async def test_the_local_model_answers_where_all_servers_fail(peers: list[Peer]) -> None:
    peers[0].behave = peers[1].behave = "broken"
    pool = pool_of(peers, ScriptedBackend([("hello", "local")], model="mine"))
    async with running(pool):
        await well(pool)
        assert (await pool.complete(HELLO)).text == "local"
        assert [len(peer.asked) for peer in peers] == [1, 1]


async def test_the_local_model_answers_while_the_servers_are_away() -> None:
    pool = BackendPool([RemoteBackend("http://127.0.0.1:9")], ScriptedBackend([("hello", "local")], model="mine"))
    async with running(pool):
        assert (await pool.complete(HELLO)).text == "local"
        await until(lambda: pool.status()["servers"][0]["state"] == "restarting")
        assert pool.model == "mine"
        assert pool.status()["state"] == "ready"


async def test_without_anybody_it_says_why() -> None:
    pool = BackendPool([RemoteBackend("http://127.0.0.1:9")])
    async with running(pool):
        await until(lambda: pool.status()["servers"][0]["state"] == "restarting")
        with pytest.raises(ModelUnavailable, match=r"No inference server.*cannot be reached"):
            await pool.complete(HELLO)
        assert pool.status()["state"] == "restarting"
        assert not pool.capabilities.chat


async def test_a_server_that_died_is_left_out_until_it_is_back(peers: list[Peer]) -> None:
    async with Peer(models=("three",)).running() as third:
        pool = pool_of([third, *peers])
        port = int(third.url.rsplit(":", 1)[1])
        task = asyncio.create_task(pool.run(), name="inference")
        await well(pool)
    try:
        for _ in range(3):
            assert (await pool.complete(HELLO)).text == "It is on."
        async with Peer(models=("three",)).running(port):
            await well(pool)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_time_of_all_attempts_together_is_the_requests(peers: list[Peer]) -> None:
    peers[0].behave = peers[1].behave = "silent"
    pool = pool_of(peers, ScriptedBackend([("hello", "local")]))
    async with running(pool):
        await well(pool)
        with pytest.raises(InferenceError, match="within"):
            await pool.complete(CompletionRequest(prompt="hello", timeout=0.3))


async def test_a_constraint_goes_to_a_server_that_knows_it(peers: list[Peer]) -> None:
    async with Peer(owner="stranger").running() as stranger:
        pool = pool_of([stranger, *peers])
        async with running(pool):
            await well(pool)
            await pool.complete(CompletionRequest(prompt="hello", constraint=Constraint.regex("a+")))
            assert stranger.asked == []
            assert pool.capabilities.constraints == frozenset({"json_schema"})
            assert pool.capabilities.candidates == 5


async def test_decisions_and_chats_go_through_too(peers: list[Peer]) -> None:
    pool = pool_of(peers)
    async with running(pool):
        await well(pool)
        ranking = await pool.decide(DecisionRequest(prompt="it is ", options=("on", "off")))
        assert ranking.best.text == "on"
        parts = [delta.text async for delta in pool.chat(ChatRequest(messages=(user("hello"),)))]
        assert "".join(parts) == "It is on."
