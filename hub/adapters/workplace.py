"""Where an adapter's tasks live: no longer than its run."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Workplace:
    """Runs an adapter's work and the tasks that it starts; a failing one ends the rest."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Await the work; the tasks end when it ends."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                await work
            finally:
                self._group = None
            for task in self._tasks:
                task.cancel()

    def task(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        """Start a task.

        Raises RuntimeError while no work is done.
        """
        if self._group is None:
            coroutine.close()
            raise RuntimeError("Expected a task to be started while the adapter runs")
        task = self._group.create_task(coroutine, name=f"adapter:{self._name}:{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
