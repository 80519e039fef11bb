"""A model at the hub's service: what its frames ask becomes work for the engine, and what is new a frame."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

from hub.adapters.isolation.limits import memory_mb
from hub.errors import InferenceError, QueueFull
from hub.inference.engine.archive import Archive
from hub.inference.engine.engine import Engine
from hub.inference.engine.intake import Asked, Bounds, Intake
from hub.inference.engine.llama import LoadedModel
from hub.inference.engine.planning import plan
from hub.inference.engine.request import Request
from hub.inference.protocol import (
    Cancel,
    Count,
    Counted,
    Decide,
    Embed,
    Event,
    Failed,
    Generate,
    Load,
    Message,
    Ready,
    Step,
    Wrote,
)

Send = Callable[[Ready | Step], None]
Start = Callable[[str, Callable[[], None]], None]

_MEMORY_EVERY = 1.0
_SIGN_OF_LIFE = 1.0
"""Seconds after which the hub hears of a step that brought nothing: a part of a long prompt."""
_RHYTHM = 0.025
"""Seconds within which what goes on being written is one frame: nobody reads faster, and each frame wakes the hub."""
_QUIET = 0.5


class Service:
    """Loads a model and works on the thread that made it; ``hear`` is called by the one that reads frames.

    ``start`` starts a thread of a name. Raises ModelUnavailable or StorageError.
    """

    def __init__(self, load: Load, send: Send, start: Start) -> None:
        settings, path = load.settings, Path(load.path)
        self._send = send
        self._model = LoadedModel(path, plan(path, settings))
        self._archive = Archive(Path(settings.cache), path, self._model) if settings.cache else None
        self._engine = Engine(self._model, settings, self._archive)
        self._model.vocabulary.warm()
        context = self._engine.context
        bounds = Bounds(context=context.size, batch=context.batch_size, text=self._engine.embedder.longest)
        self._intake = Intake(self._model.vocabulary, bounds)
        self._most = settings.queue + settings.sequences
        self._work: SimpleQueue[tuple[Asked, float]] = SimpleQueue()
        self._open: set[int] = set()
        self._begun: set[int] = set()
        self._news: list[Event] = []
        self._memory_mb = memory_mb()
        self._measured = self._sent = time.monotonic()
        start("intake", self._prepare)
        if self._archive is not None:
            start("states", self._archive.work)

    def serve(self) -> None:
        """Say that the model is ready, then answer; does not end."""
        self._send(self._ready())
        while True:
            if not self._engine.busy:
                self._engine.wait()
            self.step()

    def step(self) -> None:
        """Decode one batch, and tell what is new as soon as it matters."""
        self._news += self._engine.step()
        passed = time.monotonic() - self._sent
        if (self._news and (passed > _RHYTHM or self._pressing())) or passed > _SIGN_OF_LIFE:
            self._tell()

    def close(self) -> None:
        """Free the memory."""
        self._engine.close()
        self._model.close()

    def hear(self, message: Message) -> None:
        """Do what the hub says. Native code may be at work meanwhile.

        Raises InferenceError for something that it does not say.
        """
        match message:
            case Cancel():
                self._engine.cancel(message.id)
            case Count():
                self._answer(message.id, lambda: self._count(message))
            case Generate() | Decide() | Embed():
                self._answer(message.id, lambda: self._accept(message))
            case _:
                raise InferenceError(f"Expected a request, got {message}")

    def _pressing(self) -> bool:
        """Whether what is new does not bear waiting for the next step: a beginning, an end, or a step that may take long."""
        return not self._engine.steady or any(_is_last(event) or event.id not in self._begun for event in self._news)

    def _tell(self) -> None:
        """Send what is new."""
        events, self._news = self._news, []
        over = {event.id for event in events if _is_last(event)}
        self._open.difference_update(over)
        self._begun = (self._begun | {event.id for event in events}) - over
        self._post(*events)

    def _accept(self, message: Asked) -> None:
        if len(self._open) >= self._most:
            raise QueueFull(f"Expected at most {self._most} requests to the model at a time. Try again later")
        self._open.add(message.id)
        self._work.put((message, time.monotonic()))

    def _count(self, message: Count) -> None:
        self._post(Counted(id=message.id, tokens=len(self._model.vocabulary.tokenise(message.prompt))))

    def _prepare(self) -> None:
        """Make requests of what comes; in the first quiet moment, what grammars need, which takes a while."""
        try:
            self._take(*self._work.get(timeout=_QUIET))
        except Empty:
            self._intake.warm()
        while True:
            self._take(*self._work.get())

    def _take(self, message: Asked, received: float) -> None:
        self._answer(message.id, lambda: self._submit(message, received))

    def _submit(self, message: Asked, received: float) -> None:
        try:
            request = self._intake.request(message, received)
        except InferenceError:
            self._open.discard(message.id)
            raise
        if self._archive is not None and isinstance(request, Request):
            known = request.known[:-1]
            if saved := self._archive.find(known, self._engine.prefixes.covered(known)):
                self._engine.restore(saved)
        self._engine.submit(request)

    def _answer(self, number: int, act: Callable[[], None]) -> None:
        """Do something about a request; if that fails, the request does."""
        try:
            act()
        except InferenceError as error:
            self._post(Failed(id=number, reason=str(error), key=error.key))

    def _post(self, *events: Event) -> None:
        now = self._sent = time.monotonic()
        if now > self._measured + _MEMORY_EVERY:
            self._measured, self._memory_mb = now, memory_mb()
        scheduler = self._engine.scheduler
        self._send(
            Step(
                events=events,
                running=len(scheduler.running),
                waiting=len(scheduler.waiting),
                cells=self._engine.sequences.cells.used,
                memory_mb=self._memory_mb,
            )
        )

    def _ready(self) -> Ready:
        model, vocabulary = self._model, self._model.vocabulary
        return Ready(
            model=model.name,
            context=self._engine.context.size,
            memory_mb=memory_mb(),
            template=model.template,
            begin=vocabulary.shown(vocabulary.begin),
            end=vocabulary.shown(vocabulary.end),
            specials=tuple(vocabulary.specials),
            architecture=model.architecture,
            embeddings=model.width,
            report=model.plan.report,
        )


def _is_last(event: Event) -> bool:
    return not isinstance(event, Wrote) or event.delta.finish is not None
