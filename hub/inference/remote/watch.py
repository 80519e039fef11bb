"""Looks after one server: whether it is there, and what it serves."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

from hub.core.clock import Clock
from hub.errors import InferenceError, ModelUnavailable, WorkerDied
from hub.inference.remote.connection import Connection, root_of
from hub.inference.remote.dialects import Dialect, Served
from hub.inference.remote.look import look_around

INTERVAL = 15.0
"""Seconds between two looks at a server that is well."""
_LOOKING = 10.0
_LONGEST_PAUSE = 60.0
_log = logging.getLogger(__name__)


class ServerState(StrEnum):
    """How a server is: not looked at yet, well, or tried again after failures."""

    LOADING = "loading"
    READY = "ready"
    RESTARTING = "restarting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a request needs: the connection, what is served there, and the loop's time at which the answer must be whole."""

    connection: Connection
    served: Served
    deadline: float


class ServerWatch:
    """Keeps a connection to the server at ``url`` while ``run`` is running, and says how the server is."""

    def __init__(
        self, url: str, token: str | None, model: str | None, dialect: Dialect | None, *, clock: Clock, interval: float
    ) -> None:
        self.root = root_of(url)
        self._token = token
        self._wanted = model
        self._dialect = dialect
        self._clock = clock
        self._interval = interval
        self._connection: Connection | None = None
        self._looked = asyncio.Event()
        self._doubted = asyncio.Event()
        self._failures = 0
        self._stumbles = 0
        self.served: Served | None = None
        self.state = ServerState.LOADING
        self.reason: str | None = None
        self.in_flight = 0

    @property
    def ready(self) -> bool:
        """Whether the server was well when it was last heard of."""
        return self.state is ServerState.READY

    @property
    def load(self) -> int:
        """How busy the server is: its requests of this hub, and its failures since it last answered one."""
        return self.in_flight + self._stumbles

    async def run(self) -> None:
        """Look regularly, at once after a request failed, and with growing pauses while the server is away."""
        async with Connection.opened(self.root, self._token) as connection:
            self._connection = connection
            try:
                while True:
                    await self._look(connection)
                    await self._pause()
            finally:
                self._connection, self.state = None, ServerState.LOADING
                self._looked.clear()

    @asynccontextmanager
    async def line(self, timeout: float) -> AsyncIterator[Line]:
        """Give a request its connection and deadline, and learn from how it ends.

        Raises ModelUnavailable if the server is away, and InferenceError when the time is up.
        """
        deadline = asyncio.get_running_loop().time() + timeout
        self.in_flight += 1
        try:
            yield await self._available(deadline)
            self._stumbles = 0
        except (ModelUnavailable, WorkerDied) as error:
            self._doubt(error)
            raise
        except TimeoutError:
            raise InferenceError(f"Expected an answer of the server within {timeout:g} s, got none") from None
        finally:
            self.in_flight -= 1

    async def _available(self, deadline: float) -> Line:
        async with asyncio.timeout_at(deadline):
            await self._looked.wait()
        if self._connection is None or self.served is None or not self.ready:
            raise ModelUnavailable(f"The inference server {self.root} is away: {self.reason}")
        return Line(connection=self._connection, served=self.served, deadline=deadline)

    async def _look(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(_LOOKING):
                self.served = await look_around(connection, self._wanted, self._dialect, self.served)
        except InferenceError as error:
            self._away(str(error))
        except TimeoutError:
            self._away(f"Expected an answer of the server within {_LOOKING:g} s, got none")
        else:
            self._back(self.served)
        self._looked.set()

    def _back(self, served: Served) -> None:
        if not self.ready:
            _log.info("The inference server %s serves %s", self.root, served.model)
        self.state, self.reason, self._failures = ServerState.READY, None, 0

    def _away(self, reason: str) -> None:
        if self.state is not ServerState.RESTARTING:
            _log.warning("The inference server %s is away: %s", self.root, reason)
        self.state, self.reason = ServerState.RESTARTING, reason
        self._failures += 1

    def _doubt(self, error: InferenceError) -> None:
        """Look at once after a failed request: until then the server counts as away."""
        if self.ready:
            self._stumbles += 1
            self._away(str(error))
            self._doubted.set()

    async def _pause(self) -> None:
        """Wait until the next look. Full jitter, so that hubs that lost a server together do not return together."""
        longest = min(_LONGEST_PAUSE, 0.25 * 2 ** min(self._failures, 16))
        seconds = self._interval if self.ready else random.uniform(0.05, longest)  # noqa: S311 - no secret
        self._doubted.clear()
        cancel = self._clock.call_later(seconds, self._doubted.set)
        try:
            await self._doubted.wait()
        finally:
            cancel()
