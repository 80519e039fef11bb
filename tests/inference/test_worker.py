from __future__ import annotations

import os
import signal
import struct
from pathlib import Path

import pytest

from hub.errors import InferenceError
from hub.inference import DEFAULT_MODEL
from hub.inference.process import WorkerProcess
from hub.inference.protocol import MAX_FRAME, Complete, Done, Load, Ready, Unusable, decode, encode

ENDLESS = 'start: /[a-z ]{300}/ "."'


async def started(path: Path = DEFAULT_MODEL) -> WorkerProcess:
    worker = await WorkerProcess.start()
    worker.send(Load(path=str(path)))
    return worker


def environment(pid: int) -> set[str]:
    """Return a process's settings, where the system shows them."""
    path = Path(f"/proc/{pid}/environ")
    if not path.exists():
        pytest.skip("this system does not show a process's environment")
    return set(path.read_text().split("\0"))


async def test_serves_a_request_with_low_priority_and_its_own_settings() -> None:
    worker = await started()
    assert isinstance(await worker.receive(), Ready)
    worker.send(Complete(id=7, prompt="> hello\n=", grammar=None, max_tokens=20))
    done = await worker.receive()
    assert isinstance(done, Done)
    assert (done.id, done.text) == (7, '[{"tool":"none"}]')
    assert os.getpriority(os.PRIO_PROCESS, worker.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    assert {"OMP_WAIT_POLICY=passive", "GGML_NO_BACKTRACE=1"} <= environment(worker.pid)
    assert await worker.stop() == 0


async def test_ends_with_the_hub_in_the_middle_of_an_answer() -> None:
    worker = await started()
    assert isinstance(await worker.receive(), Ready)
    worker.send(Complete(id=1, prompt="> hello\n=", grammar=ENDLESS, max_tokens=310))
    assert await worker.stop() == 0


async def test_leaves_an_interrupt_from_the_terminal_to_the_hub() -> None:
    worker = await started()
    assert isinstance(await worker.receive(), Ready)
    os.kill(worker.pid, signal.SIGINT)
    worker.send(Complete(id=1, prompt="> hello\n=", grammar=None, max_tokens=20))
    assert isinstance(await worker.receive(), Done)
    assert await worker.stop() == 0


async def test_says_what_is_wrong_with_a_model_and_ends(tmp_path: Path) -> None:
    worker = await started(tmp_path / "none.gguf")
    refusal = await worker.receive()
    assert isinstance(refusal, Unusable)
    assert "found none at" in refusal.reason
    assert await worker.receive() is None
    assert await worker.stop() == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff" * 64,
        struct.pack(">I", MAX_FRAME + 1),
        struct.pack(">I", 4) + b"null",
        struct.pack(">I", 20) + b'["explode",{"id":1}]',
        struct.pack(">I", 21) + b'["complete",{"id":1}]',
    ],
    ids=["noise", "a frame too long", "no list", "an unknown kind", "missing fields"],
)
async def test_ends_on_garbage_instead_of_guessing(garbage: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    worker = await WorkerProcess.start()
    worker._writer.write(garbage)
    assert await worker.receive() is None
    assert await worker.stop() == 2
    assert "hearth model worker: Expected" in capfd.readouterr().err


async def test_ends_quietly_on_a_frame_that_breaks_off() -> None:
    worker = await WorkerProcess.start()
    worker._writer.write(struct.pack(">I", 100) + b"[")
    assert await worker.stop() == 0


def test_messages_come_back_as_they_were_sent() -> None:
    message = Complete(id=3, prompt="> 把灯打开\n=", grammar='start: "a"', max_tokens=9)
    assert decode(encode(message)[4:]) == message


def test_a_message_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(InferenceError, match=r"frame of at most"):
        encode(Complete(id=1, prompt="x" * (MAX_FRAME + 1), grammar=None, max_tokens=1))
