"""Which model is at work, and how another takes over while requests come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from hub.core.clock import Clock
from hub.errors import InferenceError, ModelUnavailable
from hub.inference.flight import Flight
from hub.inference.keeper import Keeper, ModelState
from hub.inference.settings import EngineSettings
from hub.inference.traffic import Traffic


class Exchange:
    """Runs the worker of the ``current`` model, and for a while that of the one before or the one to come.

    ``fits(old, new, settings)`` says whether the new model can be loaded beside the old one.
    """

    def __init__(self, first: Keeper, clock: Clock, fits: Callable[[Path, Path, EngineSettings], bool]) -> None:
        self.current = first
        self._clock = clock
        self._fits = fits
        self._parked: Traffic | None = None
        self._group: asyncio.TaskGroup | None = None
        self._tasks: dict[Keeper, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()
        self._unparked = asyncio.Event()
        self._unparked.set()

    @property
    def traffic(self) -> Traffic:
        """Where requests go."""
        return self._parked or self.current.traffic

    async def run(self) -> None:
        """Keep the workers at work until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self._start(self.current)
                await asyncio.get_running_loop().create_future()  # between two models there is no task
        finally:
            self._group = None
            self._tasks.clear()

    async def loaded(self) -> Keeper:
        """Return the current model once it has been loaded.

        Raises ModelUnavailable if it cannot be.
        """
        await self._unparked.wait()
        keeper = self.current
        await keeper.known.wait()
        if keeper.first is None:
            raise ModelUnavailable(keeper.reason or "The model is not ready")
        return keeper

    async def use(self, new: Keeper) -> None:
        """Let another model take over: beside the old one where memory allows, else after it.

        Raises ModelUnavailable if it cannot be loaded: then the old one goes on.
        """
        self._running()
        async with self._turn:
            if await asyncio.to_thread(self._fits, self.current.path, new.path, new.settings):
                await self._use_beside(new)
            else:
                await self._use_after(new)

    async def _use_beside(self, new: Keeper) -> None:
        old = self.current
        await self._load(new, old)
        self.current = new
        self._running().create_task(self._retire(old), name=f"inference:retire:{old.path.stem}")

    async def _use_after(self, new: Keeper) -> None:
        """Let the old one finish and end before the new one is loaded; who comes meanwhile waits."""
        old = self.current
        parked = self._parked = Traffic(old.settings.queue, self._clock)
        self._unparked.clear()
        try:
            await self._retire(old)
            self.current = new
            await self._load(new, old)
        except BaseException:
            self.current = old if old in self._tasks else old.again()
            self._start(self.current)
            raise
        finally:
            self._parked = None
            self._unparked.set()
            for flight in parked.release():
                self._pass_on(flight)

    async def _load(self, new: Keeper, old: Keeper) -> None:
        """Load a model, or leave nothing of it and raise ModelUnavailable."""
        self._start(new)
        try:
            await new.settled.wait()
        finally:
            if new.state is not ModelState.READY:
                await self._stop(new)
        if new not in self._tasks:
            kept = f"{old.name} stays in use" if old.name else "There is still no model"
            raise ModelUnavailable(f"{new.reason}. {kept}")

    async def _retire(self, old: Keeper) -> None:
        await old.traffic.drained()
        await self._stop(old)

    def _start(self, keeper: Keeper) -> None:
        if keeper not in self._tasks:
            self._tasks[keeper] = self._running().create_task(keeper.run(), name=f"inference:{keeper.path.stem}")

    async def _stop(self, keeper: Keeper) -> None:
        if task := self._tasks.get(keeper):
            task.cancel()
            await asyncio.wait({task})
            self._tasks.pop(keeper, None)

    def _running(self) -> asyncio.TaskGroup:
        if self._group is None:
            raise ModelUnavailable("Expected a back end that runs, it is stopped")
        return self._group

    def _pass_on(self, flight: Flight) -> None:
        try:
            self.traffic.enter(flight)
        except InferenceError as error:
            flight.fail(error)
