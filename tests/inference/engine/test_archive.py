"""Shared beginnings on the disk: they come back with the next engine, and damaged ones are computed again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no local model to test")

from hub.core.inference import CompletionRequest
from hub.inference.engine.archive import Archive
from hub.inference.engine.request import Request
from hub.inference.protocol import Generate
from tests.inference.engine.bench import HELLO, HOME, Bench, archive, bench, pieces


def saved(folder: Path) -> Archive:
    """Return an archive in which an engine has left the state of the home."""
    made = archive(folder)
    writing = threading.Thread(target=made.work)
    writing.start()
    with bench(made) as first:
        first.ask(pieces(HOME, HELLO), shared=1)
        first.run()
    made.close()
    writing.join()
    return made


def ask(made: Bench, store: Archive, prompt: str = HOME) -> int:
    """Ask as the worker does: what is saved comes before the request."""
    request = made.intake.request(Generate(id=900, request=CompletionRequest(prompt=pieces(prompt, HELLO), shared=1)))
    assert isinstance(request, Request)
    if restored := store.find(request.known[:-1], made.engine.prefixes.covered(request.known[:-1])):
        made.engine.restore(restored)
    made.engine.submit(request)
    return 900


def test_a_shared_beginning_is_there_after_a_restart(tmp_path: Path) -> None:
    store = saved(tmp_path)
    with bench() as computed:
        number = ask(computed, archive(tmp_path / "empty"))
        computed.run()
        text = computed.text(number)
    with bench(archive(tmp_path)) as second:
        number = ask(second, store)
        second.run()
        usage = second.usage(number)
        assert usage.cached_tokens >= usage.prompt_tokens - 8
        assert second.text(number) == text
        assert len(second.rows) == usage.output_tokens + 1
        assert not second.engine._keeper.busy


def test_what_is_in_memory_is_not_read_again(tmp_path: Path) -> None:
    store = saved(tmp_path)
    with bench() as made:
        ask(made, store)
        made.run()
        request = made.intake.request(Generate(id=2, request=made_request()))
        assert isinstance(request, Request)
        assert store.find(request.known, made.engine.prefixes.covered(request.known)) is None


def made_request() -> CompletionRequest:
    return CompletionRequest(prompt=pieces(HOME, HELLO), shared=1)


def test_a_damaged_state_is_computed_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    store = saved(tmp_path)
    (path,) = tmp_path.rglob("*.state")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with bench() as made:
        number = ask(made, store)
        made.run()
        assert made.usage(number).cached_tokens == 0
        assert made.deltas(number)[-1].finish
    assert "Expected a saved state as it was written" in capfd.readouterr().err


def test_a_state_for_which_there_is_no_room_is_not_taken_in(tmp_path: Path) -> None:
    store = saved(tmp_path)
    with bench() as made:
        made.ask("word " * 200, max_tokens=20)
        made.step()
        number = ask(made, store)
        made.run()
        assert made.deltas(number)[-1].finish
