"""Keeps a worker at work on one model: starts it, notices its end or its silence, and starts another."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import random
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from hub.core.clock import Clock
from hub.errors import InferenceError, WorkerDied
from hub.inference.ending import describe, kills_for_memory
from hub.inference.process import WorkerProcess
from hub.inference.protocol import Load, Message, Ready, Step, Unusable
from hub.inference.settings import EngineSettings
from hub.inference.traffic import Traffic

_LONGEST_PAUSE = 60.0
_LOOK = 2.0
_LOADING = 900.0
_log = logging.getLogger(__name__)


class ModelState(StrEnum):
    """How a model is; requests wait while it is loading or restarting."""

    LOADING = "loading"
    READY = "ready"
    RESTARTING = "restarting"
    MISSING = "missing"
    FAILED = "failed"


class Keeper:
    """One model and its worker. ``run`` must be running for the requests of its ``traffic`` to be answered.

    ``settled`` is set once the first try to load the model has ended, ``known`` once it was loaded or given up. ``ready`` is what its worker said of it,
    None while there is none; ``first`` is what the first worker said.
    """

    def __init__(self, path: Path, settings: EngineSettings, *, clock: Clock, command: Sequence[str]) -> None:
        self.path = path
        self.settings = settings
        self.state = ModelState.LOADING
        self.reason: str | None = None
        self.ready: Ready | None = None
        self.first: Ready | None = None
        self.step = Step(events=())
        self.restarts = 0
        self.settled = asyncio.Event()
        self.known = asyncio.Event()
        self.traffic = Traffic(settings.queue + settings.sequences, clock)
        self._clock = clock
        self._command = command
        self._worker: WorkerProcess | None = None
        self._started = 0.0
        self._failures = 0
        self._why: str | None = None

    @property
    def name(self) -> str | None:
        """The name of the model's file, or None where there is no model."""
        return None if self.state in (ModelState.MISSING, ModelState.FAILED) else self.path.stem

    @property
    def pid(self) -> int | None:
        """The worker's process, or None while there is none."""
        return self._worker.pid if self._worker else None

    def again(self) -> Keeper:
        """Return a new keeper of the same model."""
        return Keeper(self.path, self.settings, clock=self._clock, command=self._command)

    async def run(self) -> None:
        """Keep a worker running until cancelled. Why a model cannot be used is logged once, and ``reason`` tells."""
        try:
            if reason := await asyncio.to_thread(_missing, self.path):
                await self._give_up(ModelState.MISSING, reason)
            while True:
                await self._serve()
                await self._pause()
        finally:
            self.traffic.refuse("The model is stopping")
            self._settle()

    async def _pause(self) -> None:
        """Wait before the next worker; with full jitter, so that workers that died together do not return together."""
        self._failures += 1
        self.restarts += 1
        longest = min(_LONGEST_PAUSE, 0.25 * 2**self._failures)
        await self._clock.sleep(random.uniform(0.05, longest))  # noqa: S311 - no secret

    async def _serve(self) -> None:
        """Run one worker until it ends."""
        kills = await asyncio.to_thread(kills_for_memory)
        try:
            code = await self._work()
            why = self._why or await asyncio.to_thread(describe, code, kills, self.settings.memory)
            self._mourn(f"The model worker is gone: {why}. Another one is being started")
        except OSError as error:
            self._mourn(f"The model worker cannot be started: {error}. It is tried again")

    def _mourn(self, reason: str) -> None:
        self.state, self.reason, self._why = ModelState.RESTARTING, reason, None
        _log.warning("%s", reason)
        self.traffic.close(WorkerDied(reason))
        self.settled.set()

    async def _work(self) -> int:
        """Start a worker and listen to it until it ends; return its exit code."""
        worker = self._worker = await WorkerProcess.start(self._command)
        self._started = self._clock.monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self._watch(worker), name="inference:watch")
                await self._listen(worker)
                watching.cancel()
        finally:
            self.traffic.pause()
            self._worker, self.ready, self.step = None, None, Step(events=())
            code = await worker.stop()
        return code

    async def _listen(self, worker: WorkerProcess) -> None:
        worker.send(Load(path=str(self.path), settings=self.settings))
        try:
            while (message := await worker.receive()) is not None:
                if isinstance(message, Unusable):
                    await self._give_up(ModelState.FAILED, message.reason)
                self._hear(message, worker)
        except InferenceError as error:
            self._why = f"it was not understood: {error}"
            worker.kill()

    def _hear(self, message: Message, worker: WorkerProcess) -> None:
        match message:
            case Step():
                self.step = message
                if self.traffic.hear(message.events):
                    self._failures = 0
            case Ready():
                self.state, self.reason, self.ready = ModelState.READY, None, message
                self.first = self.first or message
                self.step = Step(events=(), memory_mb=message.memory_mb)
                self._settle()
                _log.info("The model %s is ready and takes %s MB", message.model, message.memory_mb)
                self.traffic.open(worker.send)
            case _:
                raise InferenceError(f"Expected a message of the model worker, got {message}")

    async def _watch(self, worker: WorkerProcess) -> None:
        """End a worker that hangs."""
        while (reason := self._stuck()) is None:
            await self._clock.sleep(_LOOK)
        self._why = reason
        worker.kill()

    def _stuck(self) -> str | None:
        if self.ready is not None:
            return self.traffic.stuck()
        late = self.state is not ModelState.FAILED and self._clock.monotonic() - self._started > _LOADING
        return f"it did not load the model within {_LOADING:g} s" if late else None

    def _settle(self) -> None:
        self.settled.set()
        self.known.set()

    async def _give_up(self, state: ModelState, reason: str) -> None:
        """Say why there is no model, and wait to be cancelled: rules go on without one."""
        self.state, self.reason = state, reason
        _log.warning("The model %s cannot be used: %s", self.path.stem, reason)
        self.traffic.refuse(reason)
        self._settle()
        await asyncio.get_running_loop().create_future()


def _missing(path: Path) -> str | None:
    """Return what is not there, or None; the hub itself never imports llama.cpp."""
    for package in ("llama_cpp", "llguidance", "numpy"):
        if importlib.util.find_spec(package) is None:
            return f"Expected the package {package}, which runs the local model. Run script/run, or install hearth-hub[inference]"
    if not path.is_file():
        return f"Expected a model file at {path}, found none. Correct inference: model: in hearth.yaml"
    return None
