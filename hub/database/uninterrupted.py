"""Work that must not be left half done when the task that waits for it is cancelled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)


async def uninterrupted(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await ``coroutine`` to its end even if the waiting task is cancelled; the cancellation is raised afterwards."""
    task = asyncio.ensure_future(coroutine)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("Failed while being cancelled: %s", error, exc_info=error)
        raise
