"""Waiting for a device, but not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Await ``work``, which may wait for at most so many seconds.

    Most adapters hand their message over and return: work that waits for nothing gets no timer, which would cost more
    than all the rest of such an action. Raises TimeoutError.
    """
    try:
        awaited = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    async with asyncio.timeout(seconds):
        return await _rest(work, awaited)


@coroutine
def _rest(work: Coroutine[Any, Any, T], awaited: Any) -> Generator[Any, Any, T]:
    """Go on with work that has begun and waits for ``awaited``."""
    while True:
        try:
            yield awaited
        except GeneratorExit:
            work.close()
            raise
        except BaseException as error:  # noqa: BLE001 - a cancellation above all: the work shall hear of it, and may go on
            try:
                awaited = work.throw(error)
            except StopIteration as done:
                ended: T = done.value
                return ended
        else:
            result: T = yield from work
            return result
