"""One model takes over from another while requests come."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from hub.core.inference import CompletionRequest
from hub.errors import ModelUnavailable
from hub.inference import DEFAULT_MODEL, EngineSettings, LocalBackend
from hub.inference.room import fits_beside
from tests.inference.conftest import model_file, running, stand_in, until

pytestmark = pytest.mark.usefixtures("native")


def crowded(backend: LocalBackend) -> LocalBackend:
    """Return the back end as on a machine that has no memory for two models."""
    backend._exchange._fits = lambda *_: False
    return backend


async def held(backend: LocalBackend) -> tuple[asyncio.Task[str], asyncio.Event]:
    """Return a request at work in the present model, and what lets go of it."""
    enough = asyncio.Event()

    async def read() -> str:
        stream = backend.generate(CompletionRequest(prompt="wait"))
        first = await anext(stream)
        await enough.wait()
        await stream.aclose()
        return first.text

    task = asyncio.create_task(read(), name="held")
    await until(backend, lambda status: status["in_flight"] == 1)
    return task, enough


async def say(backend: LocalBackend, text: str) -> Any:
    return (await backend.complete(CompletionRequest(prompt=text))).text


async def test_the_old_model_finishes_what_it_began_and_ends(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path, "old"))) as backend:
        task, enough = await held(backend)
        old = backend.status()["worker"]
        await backend.use(model_file(tmp_path, "new"))

        assert backend.model == "new"
        assert await say(backend, "hello") == "hello"
        os.kill(old, 0)  # it still has its request
        enough.set()
        assert await task == "begun "
        async with asyncio.timeout(30):
            while len(backend._exchange._tasks) > 1:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.005)
        with pytest.raises(ProcessLookupError):
            os.kill(old, 0)


async def test_where_memory_is_short_the_old_model_ends_first_and_requests_wait(tmp_path: Path) -> None:
    async with running(crowded(stand_in(model_file(tmp_path, "old")))) as backend:
        task, enough = await held(backend)
        old = backend.status()["worker"]
        exchange = asyncio.create_task(backend.use(model_file(tmp_path, "new")), name="exchange")
        await until(backend, lambda _: backend._exchange._parked is not None)
        waiting = asyncio.create_task(say(backend, "hello"), name="waiting")
        await until(backend, lambda _: backend._exchange.traffic.waiting == 1)
        enough.set()
        await exchange

        assert (await task, await waiting, backend.model) == ("begun ", "hello", "new")
        with pytest.raises(ProcessLookupError):
            os.kill(old, 0)


@pytest.mark.parametrize("short", [False, True], ids=["room for both", "no room for both"])
@pytest.mark.parametrize(
    ("name", "reason"), [("refused", "It is no model"), ("deadly", "SIGABRT"), ("gone", "found none")]
)
async def test_a_model_that_cannot_be_loaded_leaves_the_old_one(
    tmp_path: Path, name: str, reason: str, short: bool
) -> None:
    async with running(stand_in(model_file(tmp_path, "old"))) as backend:
        assert await say(backend, "hello") == "hello"
        if short:
            crowded(backend)
        path = tmp_path / "gone.gguf" if name == "gone" else model_file(tmp_path, name)
        with pytest.raises(ModelUnavailable, match=f"{reason}.*old stays in use"):
            await backend.use(path)

        assert await say(backend, "again") == "again"
        assert backend.model == "old"


async def test_where_there_was_no_model_none_is_said_to_stay(tmp_path: Path) -> None:
    async with running(stand_in(tmp_path / "gone.gguf")) as backend:
        await until(backend, lambda _: backend._exchange.current.known.is_set())
        with pytest.raises(ModelUnavailable, match=r"It is no model.*There is still no model$"):
            await backend.use(model_file(tmp_path, "refused"))


async def test_under_load_every_request_is_answered(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path, "old"))) as backend:
        assert await say(backend, "hello") == "hello"
        asked = [asyncio.create_task(say(backend, f"hello {number}"), name=f"{number}") for number in range(40)]
        await backend.use(model_file(tmp_path, "new"))
        asked += [asyncio.create_task(say(backend, f"hello {number}"), name=f"{number}") for number in range(40, 80)]

        assert await asyncio.gather(*asked) == [f"hello {number}" for number in range(80)]


async def test_a_broken_model_can_be_exchanged_for_a_good_one(tmp_path: Path) -> None:
    async with running(stand_in(tmp_path / "gone.gguf")) as backend:
        with pytest.raises(ModelUnavailable):
            await backend.loaded()
        await backend.use(model_file(tmp_path))

        assert await say(backend, "hello") == "hello"


def test_two_models_need_memory_for_both() -> None:
    assert fits_beside(DEFAULT_MODEL, DEFAULT_MODEL, EngineSettings(context=512))
    assert not fits_beside(DEFAULT_MODEL, DEFAULT_MODEL, EngineSettings(context=10_000_000))


async def test_a_back_end_that_does_not_run_takes_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="stopped"):
        await stand_in(tmp_path / "gone.gguf").use(model_file(tmp_path))
