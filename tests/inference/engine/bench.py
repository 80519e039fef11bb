"""An engine on the model that comes with Hearth, driven step by step."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from hub.core.inference import CompletionRequest, DecisionRequest, Delta, EmbeddingRequest, Piece, Token, Usage
from hub.inference import DEFAULT_MODEL
from hub.inference.engine.archive import Archive
from hub.inference.engine.batch import Batch
from hub.inference.engine.context import Outcome
from hub.inference.engine.engine import Engine
from hub.inference.engine.intake import Asked, Bounds, Intake
from hub.inference.engine.llama import LoadedModel
from hub.inference.engine.planning import plan
from hub.inference.protocol import Decide, Embed, Event, Failed, Generate, Wrote
from hub.inference.settings import EngineSettings

HELLO = "> hello\n="
ANSWER = '[{"tool":"none"}]'
HOME = "lamp: light.kitchen\nsofa: light.living_room\nfan: fan.bath\nblind: cover.bedroom\nheater: climate.hall\n" * 3


@cache
def model() -> LoadedModel:
    """Return the model with a context of 512 cells; it stays for the whole run of the tests."""
    return LoadedModel(DEFAULT_MODEL, plan(DEFAULT_MODEL, EngineSettings(threads=1, calibrate=False)))


class Bench:
    """An engine and what it has said so far: ``events`` by request, and ``rows`` of each batch.

    ``interrupting`` ends the next batch early, ``full`` has it find no cells.
    """

    def __init__(self, archive: Archive | None = None, of: LoadedModel | None = None, **settings: Any) -> None:
        self.settings = EngineSettings(**{"calibrate": False, "threads": 1, **settings})
        self.model = _sized(of or model(), self.settings.batch)
        self.engine = Engine(self.model, self.settings, archive)
        context = self.engine.context
        bounds = Bounds(context=context.size, batch=context.batch_size, text=self.engine.embedder.longest)
        self.intake = Intake(self.model.vocabulary, bounds)
        self.events: dict[int, list[Event]] = {}
        self.rows: list[int] = []
        self.interrupting = False
        self.full = False
        self._numbers = itertools.count(1)
        self._count_rows()

    def ask(self, prompt: Any = HELLO, **options: Any) -> int:
        """Submit a completion; return its number."""
        return self.submit(Generate(id=next(self._numbers), request=CompletionRequest(prompt=prompt, **options)))

    def decide(self, *options: str, prompt: Any = HELLO, **more: Any) -> int:
        """Submit a decision; return its number."""
        return self.submit(
            Decide(id=next(self._numbers), request=DecisionRequest(prompt=prompt, options=options, **more))
        )

    def embed(self, *texts: str, **more: Any) -> int:
        """Submit texts to be placed; return the number."""
        return self.submit(Embed(id=next(self._numbers), request=EmbeddingRequest(texts=texts, **more)))

    def submit(self, message: Asked) -> int:
        """Submit a message; return its number."""
        self.engine.submit(self.intake.request(message))
        return message.id

    def step(self, count: int = 1) -> None:
        """Let the engine take some steps."""
        for _ in range(count):
            for event in self.engine.step():
                self.events.setdefault(event.id, []).append(event)

    def run(self, most: int = 5000) -> None:
        """Let the engine work until nothing is left."""
        for _ in range(most):
            if not self.engine.busy:
                return
            self.step()
        raise AssertionError(f"still busy after {most} steps")

    def deltas(self, number: int) -> list[Delta]:
        """Return what was written for a request."""
        return [event.delta for event in self.events.get(number, []) if isinstance(event, Wrote)]

    def text(self, number: int) -> str:
        """Return the text of an answer."""
        return "".join(delta.text for delta in self.deltas(number))

    def tokens(self, number: int) -> list[Token]:
        """Return the tokens of an answer."""
        return [token for delta in self.deltas(number) for token in delta.tokens]

    def usage(self, number: int) -> Usage:
        """Return what an answer took."""
        usage = self.deltas(number)[-1].usage
        assert usage is not None
        return usage

    def failure(self, number: int) -> Failed:
        """Return why a request failed."""
        event = self.events[number][-1]
        assert isinstance(event, Failed), event
        return event

    def _count_rows(self) -> None:
        decode = self.engine.context.decode

        def counted(batch: Batch) -> Outcome:
            self.rows.append(batch.count)
            self.engine.flag.put(self.interrupting)
            full, self.interrupting, self.full = self.full, False, False
            return Outcome.FULL if full else decode(batch)

        self.engine.context.decode = counted  # type: ignore[method-assign]


def _sized(model: LoadedModel, batch: int) -> LoadedModel:
    sized = copy(model)
    rows = min(batch, sized.plan.n_batch)
    sized.plan = replace(sized.plan, n_batch=rows, n_ubatch=min(rows, sized.plan.n_ubatch))
    return sized


@contextmanager
def bench(archive: Archive | None = None, of: LoadedModel | None = None, **settings: Any) -> Iterator[Bench]:
    """An engine for the time of the block; nothing may be left over at its end."""
    made = Bench(archive, of, **settings)
    try:
        yield made
        made.run()
        check_accounts(made)
    finally:
        made.engine.close()


def check_accounts(made: Bench) -> None:
    """Check that the engine's books agree with llama.cpp once nobody is at work."""
    engine = made.engine
    kept = [*engine.prefixes.pinned, *engine.prefixes.idle]
    assert not engine.scheduler.running
    assert not len(engine.scheduler.waiting)
    assert engine.sequences.free == engine.context.sequences - len(kept)
    assert all(engine.context.length(sequence.number) == sequence.computed == sequence.known.size for sequence in kept)
    held = {sequence.number for sequence in kept}
    assert all(engine.context.length(number) == 0 for number in range(engine.context.sequences) if number not in held)
    for sequence in kept:
        engine.sequences.end(sequence)
    assert engine.sequences.cells.used == 0
    engine.prefixes.pinned.clear()
    engine.prefixes.idle.clear()


def pieces(shared: str, own: str) -> tuple[Piece, ...]:
    """Return a prompt of something that others begin with too, and something of its own."""
    return (Piece(text=shared), Piece(text=own))


def archive(folder: Path) -> Archive:
    """Return the archive of the model's states in a folder."""
    return Archive(folder, DEFAULT_MODEL, model())
