"""The real worker process with the real model, spoken to in frames."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from hub.core.inference import (
    CompletionRequest,
    Constraint,
    DecisionRequest,
    EmbeddingRequest,
    FinishReason,
    Piece,
    Priority,
)
from hub.errors import PromptTooLong, QueueFull
from hub.inference import DEFAULT_MODEL, EngineSettings
from hub.inference.process import WorkerProcess
from hub.inference.protocol import (
    MAX_FRAME,
    Cancel,
    Count,
    Counted,
    Decide,
    Embed,
    Embedded,
    Event,
    Failed,
    Generate,
    Load,
    Ranked,
    Ready,
    Step,
    Unusable,
    Wrote,
    decode,
    encode,
)

pytestmark = pytest.mark.usefixtures("native")

ANSWER = '[{"tool":"none"}]'
ENDLESS = Constraint.lark("start: /[ab]{1000}/")


async def started(path: Path = DEFAULT_MODEL, **settings: Any) -> WorkerProcess:
    worker = await WorkerProcess.start()
    worker.send(Load(path=str(path), settings=EngineSettings(**{"calibrate": False, **settings})))
    return worker


@pytest.fixture
async def worker() -> AsyncIterator[WorkerProcess]:
    made = await started(sequences=2, queue=3)
    assert isinstance(await made.receive(), Ready)
    yield made
    assert await made.stop() == 0


def ask(number: int, prompt: str = "> hello\n=", **options: Any) -> Generate:
    return Generate(id=number, request=CompletionRequest(prompt=prompt, **options))


async def until(worker: WorkerProcess, condition: Callable[[list[Event]], bool]) -> list[Event]:
    """Listen until what was said is as wanted."""
    events: list[Event] = []
    while not condition(events):
        step = await worker.receive()
        assert isinstance(step, Step), step
        events += step.events
    return events


def ended(events: list[Event]) -> set[int]:
    return {event.id for event in events if not isinstance(event, Wrote) or event.delta.finish}


def text(events: list[Event], number: int) -> str:
    return "".join(event.delta.text for event in events if isinstance(event, Wrote) and event.id == number)


def saved(folder: Path) -> list[Path]:
    return list(folder.rglob("*.state"))


def environment(pid: int) -> set[str]:
    """Return a process's settings, where the system shows them."""
    path = Path(f"/proc/{pid}/environ")
    if not path.exists():
        pytest.skip("this system does not show a process's environment")
    return set(path.read_text().split("\0"))


async def test_says_what_it_has_loaded_and_how() -> None:
    worker = await started(niceness=3)
    ready = await worker.receive()
    assert isinstance(ready, Ready)
    assert (ready.model, ready.context, ready.begin, ready.end) == (DEFAULT_MODEL.stem, 512, "<|bos|>", "<|eos|>")
    assert {"<|bos|>", "<|eos|>"} <= set(ready.specials)
    assert ready.architecture == "llama"
    assert ready.embeddings == 256
    assert ready.memory_mb > 10
    assert "threads" in ready.report
    assert os.getpriority(os.PRIO_PROCESS, worker.pid) - os.getpriority(os.PRIO_PROCESS, 0) == 3
    assert {"OMP_WAIT_POLICY=passive", "GGML_NO_BACKTRACE=1"} <= environment(worker.pid)
    assert await worker.stop() == 0


async def test_answers_every_kind_of_request(worker: WorkerProcess) -> None:
    worker.send(ask(1))
    worker.send(Decide(id=2, request=DecisionRequest(prompt="> hello\n=", options=(ANSWER, "no"))))
    worker.send(Embed(id=3, request=EmbeddingRequest(texts=("lamp", "light"))))
    worker.send(Count(id=4, prompt="> hello\n="))
    events = await until(worker, lambda events: ended(events) == {1, 2, 3, 4})
    last = {event.id: event for event in events}
    assert text(events, 1) == ANSWER
    assert isinstance(last[1], Wrote)
    assert last[1].delta.finish is FinishReason.STOP
    assert isinstance(last[2], Ranked)
    assert last[2].ranking.best.text == ANSWER
    assert isinstance(last[3], Embedded)
    assert len(last[3].embeddings.vectors) == 2
    assert last[4] == Counted(id=4, tokens=4)


async def test_one_frame_tells_what_steps_brought_to_all(worker: WorkerProcess) -> None:
    worker.send(ask(1, constraint=ENDLESS, max_tokens=30))
    worker.send(ask(2, constraint=ENDLESS, max_tokens=30))
    together, over, step = 0, set[int](), Step(events=())
    while over != {1, 2}:
        received = await worker.receive()
        assert isinstance(received, Step)
        step = received
        together += {event.id for event in step.events} == {1, 2}
        over |= ended(list(step.events))
    assert together > 1
    assert step.cells > 0
    assert step.memory_mb > 10


async def test_counts_while_it_works_and_lets_go_of_what_is_cancelled(worker: WorkerProcess) -> None:
    worker.send(ask(1, constraint=ENDLESS, max_tokens=400))
    await until(worker, lambda events: len(events) > 3)
    worker.send(Count(id=2, prompt="lamp"))
    events = await until(worker, lambda events: 2 in ended(events))
    assert 1 not in ended(events)
    worker.send(Cancel(id=1))
    (failed,) = [event for event in await until(worker, lambda events: 1 in ended(events)) if isinstance(event, Failed)]
    assert failed == Failed(id=1, reason="The request was cancelled")
    worker.send(ask(3))
    assert text(await until(worker, lambda events: 3 in ended(events)), 3) == ANSWER


async def test_a_flood_is_refused_and_what_was_taken_is_answered(worker: WorkerProcess) -> None:
    for number in range(1, 30):
        worker.send(ask(number, max_tokens=3))
    events = await until(worker, lambda events: len(ended(events)) == 29)
    refused = [event for event in events if isinstance(event, Failed)]
    assert {event.key for event in refused} == {QueueFull.key}
    assert "at most 5 requests" in refused[0].reason
    assert 5 <= 29 - len(refused) < 29


async def test_what_cannot_be_answered_fails_and_the_next_is_answered(worker: WorkerProcess) -> None:
    worker.send(ask(1, "word " * 600))
    worker.send(ask(2, constraint=Constraint.lark("start: unknown_rule")))
    worker.send(Cancel(id=99))
    worker.send(ask(3, priority=Priority.AUTOMATION))
    events = await until(worker, lambda events: ended(events) == {1, 2, 3})
    keys = {event.id: event.key for event in events if isinstance(event, Failed)}
    assert keys == {1: PromptTooLong.key, 2: "unanswerable"}
    assert text(events, 3) == ANSWER


async def test_a_shared_beginning_outlives_the_worker(tmp_path: Path) -> None:
    cached = []
    for _ in range(2):
        worker = await started(cache=str(tmp_path))
        assert isinstance(await worker.receive(), Ready)
        prompt = (Piece(text="lamp: light.kitchen\n" * 20), Piece(text="> hello\n="))
        worker.send(Generate(id=1, request=CompletionRequest(prompt=prompt, shared=1, max_tokens=2)))
        last = (await until(worker, lambda events: 1 in ended(events)))[-1]
        assert isinstance(last, Wrote)
        assert last.delta.usage is not None
        cached.append(last.delta.usage.cached_tokens)
        async with asyncio.timeout(30):
            while not saved(tmp_path):  # noqa: ASYNC110 - a file is looked for, it is no event
                await asyncio.sleep(0.01)
        assert await worker.stop() == 0
    assert cached[0] == 0
    assert cached[1] > 64


async def test_ends_with_the_hub_in_the_middle_of_an_answer() -> None:
    worker = await started()
    assert isinstance(await worker.receive(), Ready)
    worker.send(ask(1, constraint=ENDLESS, max_tokens=310))
    assert await worker.stop() == 0


async def test_ends_with_the_hub_while_it_loads() -> None:
    worker = await started()
    assert await worker.stop() == 0


async def test_leaves_an_interrupt_from_the_terminal_to_the_hub(worker: WorkerProcess) -> None:
    os.kill(worker.pid, signal.SIGINT)
    worker.send(ask(1))
    assert text(await until(worker, lambda events: 1 in ended(events)), 1) == ANSWER


async def test_keeps_to_its_memory() -> None:
    worker = await started(memory=600 * 1024 * 1024)
    assert isinstance(await worker.receive(), Ready)
    assert resource.prlimit(worker.pid, resource.RLIMIT_DATA)[0] == 600 * 1024 * 1024
    assert await worker.stop() == 0


@pytest.mark.parametrize("damage", ["absent", "cut in half", "noise", "no model"])
async def test_says_what_is_wrong_with_a_model_and_ends(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "damaged.gguf"
    whole = DEFAULT_MODEL.read_bytes()
    content = {"cut in half": whole[: len(whole) // 2], "noise": b"GGUF" + b"\x07" * 9000, "no model": b"hello"}.get(
        damage
    )
    if content is not None:
        path.write_bytes(content)
    worker = await started(path)
    refusal = await worker.receive()
    assert isinstance(refusal, Unusable)
    assert str(path) in refusal.reason
    assert await worker.receive() is None
    assert await worker.stop() == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff" * 64,
        struct.pack(">I", MAX_FRAME + 1),
        struct.pack(">I", 4) + b"null",
        struct.pack(">I", 18) + b"\x82\xa4type\xa7explode\xa2id\x01",
        encode(Unusable(reason="the hub does not say that")),
    ],
    ids=["noise", "a frame too long", "no document", "an unknown kind", "another's message"],
)
async def test_ends_on_garbage_instead_of_guessing(garbage: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    worker = await WorkerProcess.start()
    worker._writer.write(garbage)
    assert await worker.receive() is None
    assert await worker.stop() == 2
    assert "hearth model worker: InferenceError: Expected" in capfd.readouterr().err


async def test_ends_quietly_on_a_frame_that_breaks_off() -> None:
    worker = await WorkerProcess.start()
    worker._writer.write(struct.pack(">I", 100) + b"[")
    assert await worker.stop() == 0


async def test_a_request_before_the_model_is_there_fails() -> None:
    worker = await WorkerProcess.start()
    worker.send(ask(1))
    step = await worker.receive()
    assert isinstance(step, Step)
    assert isinstance(step.events[0], Failed)
    assert step.events[0].key == "model_unavailable"
    assert await worker.stop() == 0


def test_messages_come_back_as_they_were_sent() -> None:
    message = ask(3, "> 把灯打开\n=", constraint=ENDLESS, max_tokens=9)
    assert decode(encode(message)[4:]) == message
