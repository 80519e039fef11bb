"""What the hub does when its worker dies, hangs, floods or lies: a stand-in does so on demand, over the real frames."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from hub.core.clock import SimulatedClock
from hub.core.inference import CompletionRequest, DecisionRequest, EmbeddingRequest
from hub.errors import InferenceError, ModelUnavailable, PromptTooLong, QueueFull, WorkerDied
from hub.inference import LocalBackend
from hub.inference.process import WorkerProcess
from tests.inference.conftest import model_file, running, stand_in, until

pytestmark = pytest.mark.usefixtures("native")


def ask(prompt: str, **options: Any) -> CompletionRequest:
    return CompletionRequest(prompt=prompt, **options)


async def begun(backend: LocalBackend, prompt: str = "wait", **options: Any) -> asyncio.Task[Any]:
    """Return a request that the worker has in its hands."""
    before = backend.status()["in_flight"]
    task = asyncio.create_task(backend.complete(ask(prompt, **options)), name=prompt)
    await until(backend, lambda status: status["in_flight"] == before + 1)
    return task


async def test_all_kinds_of_requests_are_answered(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        assert (await backend.complete(ask("hello there"))).text == "hello there"
        assert await backend.count("one two three") == 3
        ranking = await backend.decide(DecisionRequest(prompt="x", options=("a", "b")))
        assert [option.text for option in ranking.options] == ["a", "b"]
        assert (await backend.embed(EmbeddingRequest(texts=("a", "b")))).vectors == ((1.0, 0.0), (1.0, 0.0))


async def test_the_status_tells_how_the_model_is(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        await backend.complete(ask("hello"))
        status = dict(backend.status())

        os.kill(status.pop("worker"), 0)
        assert status == {
            "state": "ready", "model": "model", "reason": None, "memory_mb": 12.5, "waiting": 0, "in_flight": 0,
            "running": 1, "restarts": 0, "context": 1000, "cells": 0, "tokens_per_second": 20.0,
            "report": {"threads": [1, "measured"]},
        }  # fmt: skip
        assert backend.capabilities.context == 1000


@pytest.mark.parametrize("death", ["SIGKILL", "SIGABRT", "SIGSEGV"])
async def test_a_death_fails_those_in_flight_alone_and_says_how(tmp_path: Path, death: str) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        await backend.complete(ask("hello"))
        other = await begun(backend)
        with pytest.raises(WorkerDied, match=death):
            await backend.complete(ask(death))
        with pytest.raises(WorkerDied, match=death):
            await other
        assert (await backend.complete(ask("again"))).text == "again"
        assert backend.status()["restarts"] == 1


@pytest.mark.parametrize("phase", ["prefill", "wait", "decide", "idle"])
async def test_a_worker_that_is_killed_in_any_phase_is_replaced(tmp_path: Path, phase: str) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        assert (await backend.complete(ask("hello"))).text == "hello"
        pid = backend.status()["worker"]
        if phase == "decide":
            with pytest.raises(WorkerDied):
                await backend.decide(DecisionRequest(prompt="SIGKILL", options=("a",)))
        elif phase == "idle":
            os.kill(pid, signal.SIGKILL)
            await until(backend, lambda status: status["state"] == "restarting")
        else:
            task = await begun(backend, phase)
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(WorkerDied, match="killed"):
                await task
        assert (await backend.complete(ask("again"))).text == "again"
        assert backend.status()["worker"] != pid


async def test_a_worker_that_is_killed_while_it_loads_costs_no_request(tmp_path: Path) -> None:
    path = model_file(tmp_path, "stuck")
    async with running(stand_in(path)) as backend:
        task = asyncio.create_task(backend.complete(ask("hello")), name="early")
        await until(backend, lambda status: status["worker"] is not None and status["waiting"] == 1)
        backend._exchange.current.path = model_file(tmp_path)  # the next one loads
        os.kill(backend.status()["worker"], signal.SIGKILL)

        assert (await task).text == "hello"
        assert backend.status()["restarts"] == 1


async def test_what_was_written_before_a_death_is_read_first(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        read: list[str] = []

        async def follow() -> None:
            async for delta in backend.generate(ask("wait")):
                read.append(delta.text)
                os.kill(backend.status()["worker"], signal.SIGKILL)

        with pytest.raises(WorkerDied):
            await follow()
        assert read == ["begun "]


async def test_requests_wait_while_the_model_loads_within_their_time(tmp_path: Path) -> None:
    clock = SimulatedClock()
    async with running(stand_in(model_file(tmp_path, "stuck"), clock=clock)) as backend:
        task = asyncio.create_task(backend.complete(ask("hello", timeout=5)), name="early")
        await until(backend, lambda status: status["waiting"] == 1)
        await clock.advance(6)
        with pytest.raises(InferenceError, match="still waiting for the model"):
            await task


async def test_a_request_whose_time_is_up_is_cancelled_in_the_worker(tmp_path: Path) -> None:
    clock = SimulatedClock()
    async with running(stand_in(model_file(tmp_path), clock=clock)) as backend:
        await backend.complete(ask("hello"))
        task = await begun(backend, timeout=5)
        await clock.advance(6)
        with pytest.raises(InferenceError, match="still at work"):
            await task
        await until(backend, lambda status: status["in_flight"] == 0)
        assert backend.status()["restarts"] == 0


async def test_closing_a_stream_frees_the_worker(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        async with aclosing(backend.generate(ask("wait"))) as stream:
            assert (await anext(stream)).text == "begun "
        await until(backend, lambda status: status["in_flight"] == 0)
        assert backend.status()["restarts"] == 0


@pytest.mark.parametrize(("prompt", "seconds"), [("deaf", 13), ("wait", 125)], ids=["deaf to a cancellation", "silent"])
async def test_a_worker_that_hangs_is_replaced(tmp_path: Path, prompt: str, seconds: float) -> None:
    clock = SimulatedClock()
    async with running(stand_in(model_file(tmp_path), clock=clock)) as backend:
        await backend.complete(ask("hello"))
        pid = backend.status()["worker"]
        task = await begun(backend, prompt, timeout=1000)
        if prompt == "deaf":
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await clock.advance(seconds)
        await until(backend, lambda status: status["state"] == "restarting")
        if prompt == "wait":
            with pytest.raises(WorkerDied, match="no step within"):
                await task
        await clock.advance(120)
        assert (await backend.complete(ask("again"))).text == "again"
        assert backend.status()["worker"] != pid


@pytest.mark.parametrize("prompt", ["garbage", "stranger"])
async def test_a_worker_that_talks_nonsense_is_replaced(tmp_path: Path, prompt: str) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        with pytest.raises(WorkerDied, match="not understood"):
            await backend.complete(ask(prompt))
        assert (await backend.complete(ask("again"))).text == "again"


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("queue_full", QueueFull),
        ("prompt_too_long", PromptTooLong),
        ("inference", InferenceError),
        ("?", InferenceError),
    ],
)
async def test_the_workers_refusals_have_their_class(tmp_path: Path, key: str, error: type[InferenceError]) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        with pytest.raises(InferenceError, match="no") as caught:
            await backend.complete(ask(f"fail {key}"))
        assert type(caught.value) is error


async def test_a_slow_reader_gets_everything_in_few_parts_and_holds_nobody_up(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        async with aclosing(backend.generate(ask("flood 20000"))) as stream:
            parts = [await anext(stream)]
            assert (await backend.complete(ask("quick"))).text == "quick"
            parts += [delta async for delta in stream]
        assert "".join(delta.text for delta in parts) == "x" * 20000
        assert len(parts) < 10
        assert parts[-1].finish is not None


async def test_a_flooded_queue_refuses_and_answers_the_others(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path), queue=3, sequences=2)) as backend:
        await backend.complete(ask("hello"))
        tasks = [await begun(backend) for _ in range(5)]
        with pytest.raises(QueueFull, match=r"at most 5 requests .* Try again later"):
            await backend.complete(ask("hello"))
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)
        assert (await backend.complete(ask("hello"))).text == "hello"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_loop_never_waits_for_a_worker_that_does_not_read(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        await backend.complete(ask("hello"))
        pid = backend.status()["worker"]
        os.kill(pid, signal.SIGSTOP)
        heavy = ask("x" * 6_000_000)
        tasks = [asyncio.create_task(backend.complete(heavy), name=f"heavy {number}") for number in range(4)]
        await until(backend, lambda status: status["in_flight"] == 3)
        with pytest.raises(QueueFull, match="a worker that reads"):
            await tasks[3]
        os.kill(pid, signal.SIGCONT)
        assert [len((await task).text) for task in tasks[:3]] == [6_000_000] * 3


async def test_a_worker_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    clock = SimulatedClock()
    command = (str(tmp_path / "no such program"),)
    async with running(LocalBackend(model_file(tmp_path), clock=clock, command=command)) as backend:
        await until(backend, lambda status: status["state"] == "restarting")
        assert "cannot be started" in backend.status()["reason"]
        for _ in range(3):
            await clock.advance(120)
        await until(backend, lambda status: status["restarts"] >= 2)


async def test_a_worker_that_ends_by_itself_is_said_to(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "raise SystemExit(3)")
    async with running(LocalBackend(model_file(tmp_path), command=command)) as backend:
        await until(backend, lambda status: status["state"] == "restarting")
        assert "exit code 3" in backend.status()["reason"]


async def test_a_model_that_is_refused_is_a_state(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path, "refused"))) as backend:
        with pytest.raises(ModelUnavailable, match="It is no model"):
            await backend.loaded()
        with pytest.raises(ModelUnavailable, match="It is no model"):
            await backend.complete(ask("hello"))
        assert backend.status()["state"] == "failed"
        assert backend.model is None


async def test_those_who_wait_are_told_when_the_hub_stops(tmp_path: Path) -> None:
    async with running(stand_in(model_file(tmp_path))) as backend:
        await backend.complete(ask("hello"))
        task, pid = await begun(backend), backend.status()["worker"]
    with pytest.raises(ModelUnavailable, match="stopping"):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_stop_that_is_cancelled_waits_for_the_end_of_the_worker() -> None:
    worker = await WorkerProcess.start((sys.executable, "-c", "import time; time.sleep(60)"))
    stopping = asyncio.create_task(worker.stop(), name="stop")
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)
