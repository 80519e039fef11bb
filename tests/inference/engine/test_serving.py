"""The frames of a model's worker, in the test's own process."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no local model to serve")

from hub.core.inference import CompletionRequest, Constraint
from hub.inference import DEFAULT_MODEL, EngineSettings
from hub.inference.engine import serving
from hub.inference.engine.serving import Service
from hub.inference.protocol import Cancel, Event, Failed, Generate, Load, Ready, Step, Wrote

ENDLESS = Constraint.lark("start: /[ab]{1000}/")


class Served:
    """A model at service, and the frames that it sent."""

    def __init__(self) -> None:
        self.frames: list[tuple[Event, ...]] = []
        settings = EngineSettings(calibrate=False, threads=1)
        self.service = Service(Load(path=str(DEFAULT_MODEL), settings=settings), self._sent, lambda name, act: None)

    def ask(self, number: int, tokens: int, prompt: str = "> hello\n=") -> None:
        request = CompletionRequest(prompt=prompt, max_tokens=tokens, constraint=ENDLESS)
        self.service._submit(Generate(id=number, request=request), time.monotonic())

    def run(self) -> None:
        while self.service._engine.busy:
            self.service.step()

    @property
    def texts(self) -> list[list[tuple[int, bool]]]:
        """Whose text is in each frame, and whether it is the last."""
        return [
            [(event.id, event.delta.finish is not None) for event in frame if isinstance(event, Wrote)]
            for frame in self.frames
        ]

    def _sent(self, message: Ready | Step) -> None:
        assert isinstance(message, Step)
        self.frames.append(message.events)


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.service.close()


def test_a_beginning_and_an_end_are_told_at_once_and_what_is_between_together(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_RHYTHM", 1000.0)
    monkeypatch.setattr(serving, "_SIGN_OF_LIFE", 1000.0)
    served.ask(1, tokens=9)
    served.run()
    assert served.texts == [[(1, False)], [*[(1, False)] * 7, (1, True)]]


def test_what_goes_on_is_told_in_a_rhythm(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_RHYTHM", -1.0)
    served.ask(1, tokens=4)
    served.run()
    assert served.texts == [[(1, False)], [(1, False)], [(1, False)], [(1, True)]]


def test_nothing_is_kept_back_while_a_step_may_take_long(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_RHYTHM", 1000.0)
    served.ask(1, tokens=30)
    for _ in range(4):
        served.service.step()
    assert len(served.frames) == 1
    served.ask(2, tokens=2, prompt="> turn on the light\n=")
    served.service.step()
    assert len(served.frames) == 2
    assert served.texts[1][:3] == [(1, False)] * 3
    served.run()
    assert [(1, True) in frame for frame in served.texts][-1]
    assert sum(len(frame) for frame in served.texts) == 32


def test_who_is_let_go_hears_it_at_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_RHYTHM", 1000.0)
    served.ask(1, tokens=30)
    for _ in range(4):
        served.service.step()
    served.service.hear(Cancel(id=1))
    served.service.step()
    assert isinstance(served.frames[-1][-1], Failed)
