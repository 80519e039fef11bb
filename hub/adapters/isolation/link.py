"""The hub's side of the talk with a child: requests and their answers, what it says, and whether it is alive."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from hub.adapters.isolation import failures
from hub.adapters.isolation.frames import PROTOCOL, Cutter, Frame, encode
from hub.adapters.isolation.heartbeat import Heartbeat
from hub.adapters.isolation.process import PATIENCE, ChildProcess, Launch
from hub.core.clock import Clock
from hub.errors import ActionTimeout, AdapterError, ConnectionLost, HubError, ProcessFailed

MOST_REQUESTS = 256
"""Requests that may wait for a child's answers; further ones fail at once."""
MOST_UNREAD = 4 * 1024 * 1024
"""Bytes that may wait for a child to read them; then nothing more is said to it, and the heartbeat ends it."""
_SLICE = 0.002
"""Seconds of the hub's time that one child's words take before others have their turn."""
_log = logging.getLogger(__name__)

Hear = Callable[[Frame], Mapping[str, Any] | None]
"""Takes what a child says. For a frame that the child waits at (``asks``) it returns the answer, or raises a HubError."""


class Link:
    """A child, talked with. ``hear`` gets every frame that is no answer, heartbeat or log line; ``gone`` is done at its end."""

    def __init__(self, child: ChildProcess, launch: Launch, clock: Clock) -> None:
        self.child = child
        self.hear: Hear = lambda frame: None
        self.dropped = 0
        self._launch = launch
        self._requests: dict[int, asyncio.Future[Frame]] = {}
        self._numbers = itertools.count(1)
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heartbeat = Heartbeat(launch.limits, clock, ping=lambda: self.tell("ping"), fail=self.fail)
        self._verdict: HubError | None = None

    @classmethod
    @asynccontextmanager
    async def opened(cls, launch: Launch, clock: Clock) -> AsyncIterator[Link]:
        """Start a child and talk with it for the time of the block; at the end it is dismissed, then killed if it stays.

        Raises ProcessFailed if it cannot be started.
        """
        words = Words()
        async with contextlib.AsyncExitStack() as stack:
            try:
                child = await stack.enter_async_context(ChildProcess.started(launch, lambda: words))
            except OSError as error:
                raise ProcessFailed(f"Expected to start {launch.command()[0]}, got {error}") from None
            link = cls(child, launch, clock)
            words.attach(link._heard, link._lost)
            try:
                link._introduce()
                yield link
            finally:
                await link._dismiss()

    async def ended(self) -> None:
        """Wait until the child has ended.

        Raises what its adapter raised, or ProcessFailed with the reason; returns if the adapter ended by itself.
        """
        await asyncio.shield(self.gone)
        try:
            async with asyncio.timeout(PATIENCE):
                how = await self.child.ended()
        except TimeoutError:
            self.child.kill()
            how = "Its process closed its connection and did not end"
        if self._verdict is None:
            raise ProcessFailed(how)
        if not isinstance(self._verdict, _Done):
            raise self._verdict

    @property
    def is_deaf(self) -> bool:
        """Whether nothing more can be said to the child: it has ended, or does not read."""
        return self.child.orders.is_closing() or self.child.orders.get_write_buffer_size() > MOST_UNREAD

    def tell(self, kind: str, values: object = None, *, number: int = 0, content: bytes = b"") -> None:
        """Say something to the child; what it does not read is dropped and counted.

        Raises InvalidInput if ``values`` cannot cross.
        """
        frame = encode(kind, values, number=number, content=content)
        if not self.is_deaf:
            self.child.orders.write(frame)
            return
        self.dropped += 1
        if self.dropped == 1 and not self.child.orders.is_closing():
            _log.warning("%s does not read what it is told: it is told nothing more", self._launch.integration)

    async def request(self, kind: str, values: object, *, timeout: float) -> Frame:
        """Return the child's answer.

        Raises what it raised there, ConnectionLost if the process ends, ActionTimeout, or AdapterError if it is too busy.
        """
        if self.gone.done():
            raise ConnectionLost("Its process has ended")
        if self.is_deaf or len(self._requests) >= MOST_REQUESTS:
            raise AdapterError(f"{self._launch.integration} is too busy: it has {len(self._requests)} requests in hand")
        number = next(self._numbers)
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._requests[number] = answer
        try:
            self.tell(kind, values, number=number)
            async with asyncio.timeout(timeout):
                return await answer
        except TimeoutError:
            raise ActionTimeout(f"No answer from {self._launch.integration} in {timeout:g} s") from None
        finally:
            del self._requests[number]
            if not answer.done() or answer.cancelled():
                self.tell("cancel", number=number)

    def fail(self, reason: HubError) -> None:
        """End the child at once, for this reason."""
        self._verdict = self._verdict or reason
        self.child.kill()

    def _introduce(self) -> None:
        launch = self._launch
        values = {
            "integration": launch.integration,
            "module": launch.module,
            "time_zone": launch.time_zone,
            "limits": launch.limits,
            "protocol": PROTOCOL,
            "log_level": logging.getLogger().getEffectiveLevel(),
        }
        self.tell("hello", values)
        self._heartbeat.start()

    async def _dismiss(self) -> None:
        self._heartbeat.stop()
        self.child.dismiss()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(self.gone)
                await self.child.ended()

    def _heard(self, frame: Frame) -> None:
        try:
            self._sort(frame)
        except ProcessFailed as error:
            self.fail(error)
        except HubError as error:
            _log.warning("%s: %s of its adapter was not done: %s", self._launch.integration, frame.kind, error)
        except Exception as error:  # noqa: BLE001 - boundary: what a child says ends nobody but the child
            self.fail(
                ProcessFailed(f"It said something that is no message: {frame.kind} ({type(error).__name__}: {error})")
            )

    def _sort(self, frame: Frame) -> None:
        match frame.kind:
            case "answer" | "failed":
                self._answered(frame)
            case "pong":
                self._heartbeat.pong(float(frame.values["memory_mb"]), float(frame.values["cpu"]))
            case "log":
                name, level, text = (frame.values[key] for key in ("logger", "level", "text"))
                logging.getLogger(str(name)).log(int(level), "%s", text)
            case "ended":
                self._verdict = self._verdict or _verdict(frame.values)
            case "ask":
                self._asked(frame)
            case "offer":
                self._heartbeat.up()
                self.hear(frame)
            case _:
                self.hear(frame)

    def _asked(self, frame: Frame) -> None:
        asked = Frame(kind=str(frame.values["kind"]), number=frame.number, values=frame.values["values"])
        try:
            answer = encode("answer", self.hear(asked))
        except HubError as error:
            answer = encode("failed", failures.written(error))
        self.child.words.write(answer)

    def _answered(self, frame: Frame) -> None:
        answer = self._requests.get(frame.number)
        if answer is None or answer.done():
            return
        if frame.kind == "answer":
            answer.set_result(frame)
        else:
            answer.set_exception(failures.read(frame.values))

    def _lost(self, error: HubError | None) -> None:
        """The child closed its end, or said what is no frame."""
        if error is not None:
            self.fail(error)
        self._heartbeat.stop()
        for answer in self._requests.values():
            if not answer.done():
                answer.set_exception(ConnectionLost("Its process ended before it answered"))
        if not self.gone.done():
            self.gone.set_result(None)


class Words(asyncio.Protocol):
    """What a child says, frame by frame; a child that says much takes turns with everything else."""

    def __init__(self) -> None:
        self._cutter = Cutter()
        self._transport: asyncio.Transport | None = None
        self._heard: Callable[[Frame], None] = lambda frame: None
        self._lost: Callable[[HubError | None], None] = lambda error: None
        self._ended = False

    def attach(self, heard: Callable[[Frame], None], lost: Callable[[HubError | None], None]) -> None:
        """Say who hears, before anything is said; a child may have ended by then."""
        self._heard, self._lost = heard, lost
        if self._ended:
            lost(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            for frame in self._cutter.feed(data):
                self._heard(frame)
        except ProcessFailed as error:
            self._lost(error)
            return  # the process is killed, and this connection with it
        spent = loop.time() - began
        if spent > _SLICE and self._transport is not None:
            self._transport.pause_reading()
            loop.call_later(spent, self._resume)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._lost(None)

    def _resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()


class _Done(HubError):
    """Not raised: the adapter's run returned."""


def _verdict(values: Mapping[str, Any]) -> HubError:
    return failures.read(values) if values else _Done("It ended by itself")
