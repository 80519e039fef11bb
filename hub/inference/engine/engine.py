"""Many requests to one model at a time: each step decodes one batch with a part of each, and what is new comes of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from queue import Empty, SimpleQueue

from hub.errors import InferenceError
from hub.inference.engine.archive import Archive, Keeper, Restored
from hub.inference.engine.context import Broken, Context, Flag, Logits, Outcome
from hub.inference.engine.embedding import Embedder, Placement, Placements
from hub.inference.engine.generation import Generation
from hub.inference.engine.interruption import LONG, Interruption
from hub.inference.engine.llama import LoadedModel
from hub.inference.engine.prefixes import IDLE_CELLS, Prefixes
from hub.inference.engine.request import Request
from hub.inference.engine.scheduler import Scheduler
from hub.inference.engine.sequences import Sequence, Sequences
from hub.inference.engine.step import HALVED, Branches, Builder, Part
from hub.inference.engine.suspects import Suspects
from hub.inference.protocol import Event, Failed
from hub.inference.settings import EngineSettings

FORKS = 24
"""Sequences for the branches of decisions."""
_EARLY = 256
_TOGETHER = 0.003
"""Seconds between requests that one event brings: from the hub's frame to tokens it takes one of them."""


class Engine:
    """Works at requests, one ``step`` after another, on the thread that made it. ``submit`` and ``cancel`` are for any thread."""

    def __init__(self, model: LoadedModel, settings: EngineSettings, archive: Archive | None = None) -> None:
        numbers = 2 * settings.sequences + settings.prefixes + FORKS
        self.flag = Flag()
        self.context = Context(model, numbers, self.flag)
        self.context.warm()
        self.sequences = Sequences(self.context, window=model.window, whole=model.whole)
        everywhere = not model.plan.flash_attention  # which skips the cells of others
        self.prefixes = Prefixes(self.sequences, settings.prefixes, IDLE_CELLS if everywhere else None)
        self.scheduler = Scheduler(self.sequences, self.prefixes, settings.sequences)
        self.interruption = Interruption(self.flag.put)
        plan = model.plan
        halved = HALVED if plan.halved else range(0)
        self._builder = Builder(self.context.batch(), self.sequences, panel=plan.n_ubatch, halved=halved)
        self.embedder = Embedder(model, self.flag)
        self.placements = Placements(self.embedder)
        self._keeper = Keeper(self.context, self.sequences, self.prefixes, archive)
        self._inbox: SimpleQueue[Request | Placement | Restored | None] = SimpleQueue()
        self._cancels: SimpleQueue[int] = SimpleQueue()
        self._early: set[int] = set()
        self._requests: dict[int, Request | Placement] = {}
        self._suspects = Suspects()
        self._events: list[Event] = []

    @property
    def busy(self) -> bool:
        """Whether a step would have something to do."""
        return bool(self._requests) or self._keeper.busy or not self._inbox.empty()

    @property
    def steady(self) -> bool:
        """Whether the next step only goes on with answers that are being written, and is short therefore."""
        scheduler = self.scheduler
        settled = self._inbox.empty() and not scheduler.waiting and not self.placements
        return settled and bool(scheduler.running) and not any(request.reading for request in scheduler.running)

    def submit(self, request: Request | Placement) -> None:
        """Take on a request."""
        self._inbox.put(request)
        if isinstance(request, Request):
            self.interruption.arrived(request.order.priority)

    def restore(self, restored: Restored) -> None:
        """Take in a saved state, for the requests that follow."""
        self._inbox.put(restored)

    def cancel(self, number: int) -> None:
        """Let go of a request, if it is here; it fails."""
        self._cancels.put(number)
        self.interruption.cancelled(number)
        self._inbox.put(None)

    def wait(self) -> None:
        """Wait until something comes, and a moment for what comes with it: those who are read together wait less."""
        self._take(self._inbox.get())
        with contextlib.suppress(Empty):
            while self._builder.pace.slow:
                self._take(self._inbox.get(timeout=_TOGETHER))

    def step(self) -> tuple[Event, ...]:
        """Decode one batch; return what is new.

        Raises Broken if llama.cpp fails at whatever it is given: another process may do better.
        """
        self._listen()
        now = time.monotonic()
        self._expire(now)
        self.scheduler.admit(now)
        self._prepare()
        if self._builder.batch.count:
            self._decode()
        if self.placements:
            self._place()
        self._keeper.rest(idle=not self._requests)
        events, self._events = tuple(self._events), []
        return events

    def close(self) -> None:
        """Free the memory; the requests get no answer any more."""
        self.embedder.close()
        self.context.close()

    def _listen(self) -> None:
        while not self._inbox.empty():
            self._take(self._inbox.get())
        while not self._cancels.empty():
            self._drop(self._cancels.get())

    def _take(self, item: Request | Placement | Restored | None) -> None:
        if item is None:
            return
        if isinstance(item, Restored):
            self._keeper.restore(item)
            return
        if isinstance(item, Generation) and item.finished:  # there was nothing to ask the model
            self._note(item.event(time.monotonic()))
            return
        number = item.order.number
        self._requests[number] = item
        if isinstance(item, Placement):
            self.placements.enter(item)
        else:
            self.scheduler.waiting.enter(item)
        if number in self._early:
            self._drop(number)

    def _drop(self, number: int) -> None:
        """Let go of a request; one that is not here has ended, or is still to come."""
        if number in self._requests:
            self._early.discard(number)
            self._fail(self._requests[number], InferenceError("The request was cancelled"))
            return
        self._early.add(number)
        if len(self._early) > _EARLY:
            self._early.remove(min(self._early))

    def _expire(self, now: float) -> None:
        for request in [request for request in self._requests.values() if request.order.deadline <= now]:
            state = "still waiting" if request.admitted is None else "being answered"
            self._fail(
                request,
                InferenceError(
                    f"Expected an answer of the model within {request.order.timeout:g} s, got none; it was {state}"
                ),
            )

    def _prepare(self) -> None:
        """Fill the batch."""
        scheduler = self.scheduler
        scheduler.follow_up()
        for request in tuple(scheduler.running):
            if len(request.tokens) > request.ceiling and request in scheduler.running:
                scheduler.grow(request)
        self._builder.build(self._suspects.among(scheduler.running), scheduler.ranks, max(0, scheduler.free))

    def _decode(self) -> None:
        builder = self._builder
        reading = {part.request.number: part.count for part in builder.parts if part.count >= LONG}
        self.interruption.begin(reading, min(request.order.priority for request in self._at_work()))
        started = time.monotonic()
        try:
            outcome = self.context.decode(builder.batch)
        except Broken as error:
            if refused := self._suspects.refused(self._at_work(), error):
                self._fail(refused, error)
            return
        finally:
            self.interruption.end()
            self._unfork()
        now = time.monotonic()
        if outcome is Outcome.DONE:
            builder.pace.took(builder.batch.count, now - started)
            self._done(now)
        elif outcome is Outcome.INTERRUPTED:
            self._resume()
        elif not self.scheduler.relieve():
            self._fail_all(self._at_work(), InferenceError("Expected room in the model's context, there is none"))

    def _done(self, now: float) -> None:
        """Take in a batch that was decoded."""
        builder = self._builder
        for part in builder.parts:
            self.sequences.extended(_sequence(part), part.count)
        self._suspects.passed()
        self._pin()
        if not builder.batch.outputs:
            return
        logits = self.context.logits()
        for part in builder.parts:
            if part.row is not None:
                self._read(part.request, logits[part.row], now)
        for branches in builder.branches:
            self._judge(branches, logits[branches.row :], now)

    def _read(self, request: Request, row: Logits, now: float) -> None:
        try:
            ended = request.read(row, now)
        except InferenceError as error:
            self._fail(request, error)
            return
        self._note(request.event(now))
        if ended:
            self._end(request)

    def _judge(self, branches: Branches, rows: Logits, now: float) -> None:
        decision = branches.decision
        try:
            ended = decision.take(branches.paths, list(rows[: len(branches.paths)]))
        except InferenceError as error:
            self._fail(decision, error)
            return
        if ended:
            self._note(decision.event(now))
            self._end(decision)

    def _resume(self) -> None:
        """Take in a batch that was interrupted: what was computed stays, but for tokens whose logits are lost."""
        for part in self._builder.parts:
            sequence = _sequence(part)
            done = min(part.count, max(0, self.context.length(sequence.number) - sequence.computed))
            self.sequences.extended(sequence, done)
            if part.row is not None and done == part.count:
                self.sequences.cut(sequence, sequence.computed - 1)
        self._pin()

    def _pin(self) -> None:
        """Keep shared beginnings as soon as they are computed."""
        for part in self._builder.parts:
            request, sequence = part.request, _sequence(part)
            if 0 < request.shared <= sequence.computed and not request.pinned:
                request.pinned = True
                if pinned := self.prefixes.pin(sequence, request.shared):
                    self._keeper.note(pinned)

    def _unfork(self) -> None:
        for branches in self._builder.branches:
            self.sequences.unfork(branches.wave.numbers)

    def _at_work(self) -> list[Request]:
        builder = self._builder
        return [*(part.request for part in builder.parts), *(branches.decision for branches in builder.branches)]

    def _end(self, request: Request) -> None:
        del self._requests[request.number]
        self.scheduler.leave(request, useful=True)

    def _place(self) -> None:
        """Go on with the embeddings by one batch."""
        rows = self._builder.pace.brisk if self.scheduler.running else self._builder.pace.calm
        placement = self.placements.first
        self.interruption.begin({placement.order.number: rows}, placement.order.priority)
        try:
            ended = self.embedder.step(placement, rows)
        except InferenceError as error:
            self._fail(placement, error)
            return
        finally:
            self.interruption.end()
        if ended:
            self.placements.leave(placement)
            del self._requests[placement.order.number]
            self._note(placement.event(time.monotonic()))

    def _fail(self, request: Request | Placement, error: InferenceError) -> None:
        number = request.order.number
        del self._requests[number]
        if isinstance(request, Placement):
            self.placements.leave(request)
        else:
            self.scheduler.leave(request)
        self._note(Failed(id=number, reason=str(error), key=error.key))

    def _fail_all(self, requests: Iterable[Request], error: InferenceError) -> None:
        for request in requests:
            self._fail(request, error)

    def _note(self, event: Event | None) -> None:
        if event is not None:
            self._events.append(event)


def _sequence(part: Part) -> Sequence:
    assert part.request.sequence is not None
    return part.request.sequence
