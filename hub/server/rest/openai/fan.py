"""Several answers at once: each run hands on what it writes, and a reader who is slow holds only them up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar, cast

AT_ONCE = 8
D = TypeVar("D")


async def each(runs: Sequence[Callable[[], AsyncIterator[D]]], emit: Callable[[int, D], Awaitable[None]]) -> None:
    """Hand ``emit`` what the runs yield, with the run's number, as it comes; at most ``AT_ONCE`` are under way.

    The first that fails ends the others, and is raised.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def follow(number: int, run: Callable[[], AsyncIterator[D]]) -> None:
        async with room, aclosing(cast("AsyncGenerator[D]", run())) as deltas:
            async for delta in deltas:
                await emit(number, delta)

    try:
        async with asyncio.TaskGroup() as group:
            for number, run in enumerate(runs):
                group.create_task(follow(number, run), name=f"openai:{number}")
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
