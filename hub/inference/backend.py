"""The local model: keeps a worker process at work and hands it the requests."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import logging
import random
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from hub.core.clock import Clock, SystemClock
from hub.core.ports import Completion, CompletionRequest
from hub.errors import InferenceError, ModelUnavailable, WorkerDied
from hub.inference.process import WORKER, WorkerProcess
from hub.inference.protocol import Cancel, Complete, Done, Failed, Load, Message, Ready, Unusable
from hub.inference.waiting import Ticket, WaitingRoom

DEFAULT_MODEL = Path(__file__).parent / "models" / "home-6m-q8_0.gguf"
"""The command model that comes with Hearth."""

QUEUE = 64
_LONGEST_WAIT = 60.0
_GRACE = 10.0
"""Seconds within which the worker must confirm a cancellation: it looks up between two steps of llama.cpp."""
_log = logging.getLogger(__name__)


class ModelState(StrEnum):
    """How the model is; requests wait while it is loading or restarting."""

    LOADING = "loading"
    READY = "ready"
    RESTARTING = "restarting"
    MISSING = "missing"
    FAILED = "failed"


class LocalBackend:
    """Runs a GGUF model in a worker process: implements ``hub.core.ports.InferenceBackend``.

    ``run`` must be running for requests to be answered. ``command`` starts the worker.
    """

    def __init__(
        self,
        model: Path = DEFAULT_MODEL,
        *,
        context: int | None = None,
        threads: int | None = None,
        queue: int = QUEUE,
        clock: Clock | None = None,
        command: Sequence[str] = WORKER,
    ) -> None:
        self._path = model
        self._context = context
        self._threads = threads
        self._clock = clock or SystemClock()
        self._command = command
        self._waiting = WaitingRoom(queue)
        self._current: Ticket | None = None
        self._free = asyncio.Event()
        self._numbers = itertools.count(1)
        self._worker: WorkerProcess | None = None
        self._state = ModelState.LOADING
        self._reason: str | None = None
        self._memory_mb: float | None = None
        self._failures = 0
        self._restarts = 0

    @property
    def model(self) -> str | None:
        """The name of the model's file, or None where there is no model."""
        return None if self._state in (ModelState.MISSING, ModelState.FAILED) else self._path.stem

    def status(self) -> Mapping[str, Any]:
        """Return how the model is, and why."""
        return {
            "state": self._state.value,
            "model": self.model,
            "reason": self._reason,
            "memory_mb": self._memory_mb,
            "waiting": len(self._waiting),
            "in_flight": int(self._current is not None),
            "restarts": self._restarts,
            "worker": self._worker.pid if self._worker else None,
        }

    async def complete(self, request: CompletionRequest) -> Completion:
        """Return the model's answer; cancelling the call frees the model."""
        self._check_model()
        ticket = Ticket(request=request, answer=asyncio.get_running_loop().create_future())
        self._waiting.enter(ticket)
        try:
            async with asyncio.timeout(request.timeout):
                return await ticket.answer
        except TimeoutError:
            raise InferenceError(
                f"Expected an answer of the model within {request.timeout:g} s, got none; it is {self._state.value}"
            ) from None
        finally:
            ticket.forget()
            self._waiting.leave(ticket)
            if self._current is ticket:
                self._abandon(ticket)

    async def run(self) -> None:
        """Keep a worker running until cancelled. Why a model cannot be used is logged once, and ``status`` tells."""
        try:
            if reason := _missing(self._path):
                await self._give_up(ModelState.MISSING, reason)
            while True:
                await self._serve()
                await self._pause()
        finally:
            self._drop_all(ModelUnavailable("The hub is stopping"))

    async def _pause(self) -> None:
        """Wait before the next worker; with full jitter, so that workers that died together do not return together."""
        self._failures += 1
        self._restarts += 1
        longest = min(_LONGEST_WAIT, 0.25 * 2**self._failures)
        await self._clock.sleep(random.uniform(0.05, longest))  # noqa: S311 - no secret

    async def _serve(self) -> None:
        """Run one worker until it ends."""
        try:
            code = await self._work()
            self._reason = f"The model worker ended with exit code {code}. Another one is being started"
        except OSError as error:
            self._reason = f"The model worker cannot be started: {error}. It is tried again"
        self._state = ModelState.RESTARTING
        _log.warning("%s", self._reason)
        self._lose_current(WorkerDied(self._reason))

    async def _work(self) -> int:
        """Start a worker, feed it and listen to it until it ends; return its exit code."""
        worker = self._worker = await WorkerProcess.start(self._command)
        try:
            async with asyncio.TaskGroup() as group:
                feeding = group.create_task(self._feed(worker), name="inference:feed")
                await self._listen(worker)
                feeding.cancel()
        finally:
            self._worker = None
            self._free.clear()
            code = await worker.stop()
        return code

    async def _listen(self, worker: WorkerProcess) -> None:
        worker.send(Load(path=str(self._path), context=self._context, threads=self._threads))
        try:
            while (message := await worker.receive()) is not None:
                if isinstance(message, Unusable):
                    await self._give_up(ModelState.FAILED, message.reason)
                self._hear(message)
        except InferenceError as error:
            _log.warning("The model worker is not understood, it is ended: %s", error)
            worker.kill()

    async def _feed(self, worker: WorkerProcess) -> None:
        """Hand the worker one request after another."""
        while True:
            await self._free.wait()
            ticket = await self._waiting.next()
            self._free.clear()
            self._current = ticket
            ticket.number = next(self._numbers)
            request = ticket.request
            message = Complete(
                id=ticket.number, prompt=request.prompt, grammar=request.grammar, max_tokens=request.max_tokens
            )
            try:
                worker.send(message)
            except InferenceError as error:
                self._settle(ticket.number, error)

    def _hear(self, message: Message) -> None:
        match message:
            case Ready():
                self._state, self._reason, self._memory_mb = ModelState.READY, None, message.memory_mb
                _log.info("The model %s is ready and takes %s MB", message.model, message.memory_mb)
                self._free.set()
            case Done():
                self._failures = 0
                self._memory_mb = message.memory_mb
                self._settle(message.id, _completion(message))
            case Failed():
                self._settle(message.id, InferenceError(message.reason))
            case _:
                raise InferenceError(f"Expected an answer of the model worker, got {message}")

    async def _give_up(self, state: ModelState, reason: str) -> None:
        """Say why there is no model, and wait to be cancelled: rules go on without one."""
        self._state, self._reason = state, reason
        _log.warning("There is no local model: %s", reason)
        self._drop_all(ModelUnavailable(reason))
        await asyncio.get_running_loop().create_future()

    def _check_model(self) -> None:
        if self._state in (ModelState.MISSING, ModelState.FAILED):
            raise ModelUnavailable(self._reason or "There is no model")

    def _settle(self, number: int, outcome: Completion | InferenceError) -> None:
        ticket = self._current
        if ticket is None or ticket.number != number:
            raise InferenceError(f"Expected an answer to the request in flight, got one to {number}")
        self._current = None
        ticket.settle(outcome)
        self._free.set()

    def _lose_current(self, error: InferenceError) -> None:
        if ticket := self._current:
            self._current = None
            ticket.settle(error)

    def _drop_all(self, error: InferenceError) -> None:
        self._lose_current(error)
        for ticket in self._waiting.clear():
            ticket.settle(error)

    def _abandon(self, ticket: Ticket) -> None:
        worker = self._worker
        if worker is None or ticket.number is None:
            return
        worker.send(Cancel(id=ticket.number))
        ticket.disarm = self._clock.call_later(_GRACE, worker.kill)


def _missing(path: Path) -> str | None:
    """Return what is not there, or None; the hub itself never imports llama.cpp."""
    for package in ("llama_cpp", "llguidance", "numpy"):
        if importlib.util.find_spec(package) is None:
            return f"Expected the package {package}, which runs the local model. Run script/run, or install hearth-hub[inference]"
    if not path.is_file():
        return f"Expected a model file at {path}, found none. Correct inference: model: in hearth.yaml"
    return None


def _completion(done: Done) -> Completion:
    return Completion(
        text=done.text,
        tokens=tuple((text, log_probability) for text, log_probability in done.tokens),
        alternatives=tuple(tuple((text, share) for text, share in candidates) for candidates in done.alternatives),
        outside=tuple(done.outside),
        prompt_tokens=done.prompt_tokens,
        duration=done.duration,
    )
