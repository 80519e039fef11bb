"""The requests to one model: those that wait for its worker, and those that the worker holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

from hub.core.clock import Clock
from hub.core.inference import Usage
from hub.errors import InferenceError, ModelUnavailable, QueueFull
from hub.inference.flight import Flight
from hub.inference.protocol import Cancel, Event, FromHub, Wrote

GRACE = 10.0
"""Seconds within which the worker must confirm a cancellation."""
SILENCE = 120.0
"""Seconds without a step, with work at hand, after which a worker is taken for hung: longer than any step of a large model."""

Send = Callable[[FromHub], None]


class Traffic:
    """At most ``limit`` requests at a time; one more is refused. Each ends by itself when its time is up.

    While the worker cannot be sent to (before ``open``, after ``pause``), requests wait.
    """

    def __init__(self, limit: int, clock: Clock) -> None:
        self.usage: Usage | None = None
        self._limit = limit
        self._clock = clock
        self._send: Send | None = None
        self._refusal: str | None = None
        self._flights: dict[int, Flight] = {}
        self._timers: dict[int, Callable[[], None]] = {}
        self._held: dict[int, float | None] = {}  # the numbers that the worker holds, and since when they are cancelled
        self._heard = 0.0
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def speed(self) -> float | None:
        """The tokens per second of the last answer that had several, or None."""
        usage = self.usage
        writing = usage.duration - usage.first if usage else 0.0
        return round((usage.output_tokens - 1) / writing, 1) if usage and writing > 0 else None

    @property
    def held(self) -> int:
        """How many requests the worker holds."""
        return len(self._held)

    @property
    def waiting(self) -> int:
        """How many requests the worker has not been given yet."""
        return sum(number not in self._held for number in self._flights)

    def enter(self, flight: Flight) -> None:
        """Take a request on.

        Raises ModelUnavailable, QueueFull, or InferenceError if it cannot be sent at all.
        """
        if self._refusal is not None:
            raise ModelUnavailable(self._refusal)
        if len(self._flights) >= self._limit:
            raise QueueFull(f"Expected at most {self._limit} requests to the model at a time. Try again later")
        if self._send is not None:
            self._hand_over(flight, self._send)
        self._flights[flight.number] = flight
        flight.leave = partial(self._leave, flight)
        self._empty.clear()
        left = flight.deadline - self._clock.monotonic()
        self._timers[flight.number] = self._clock.call_later(left, partial(self._expire, flight))

    def release(self) -> list[Flight]:
        """Let go of the requests that wait, and return them."""
        free = [flight for number, flight in self._flights.items() if number not in self._held and not flight.over]
        for flight in free:
            self._leave(flight)
        return free

    async def drained(self) -> None:
        """Wait until every request has had its answer."""
        await self._empty.wait()

    def open(self, send: Send) -> None:
        """Hand over what waits, and from now on what comes."""
        self._send = send
        for flight in self._flights.values():
            try:
                self._hand_over(flight, send)
            except InferenceError as error:
                flight.fail(error)

    def pause(self) -> None:
        """Hand over nothing any more."""
        self._send = None

    def close(self, error: InferenceError) -> None:
        """Fail what the worker held, for it is gone; the others wait for the next."""
        self.pause()
        self._fail(self._held, error)
        self._held.clear()

    def refuse(self, reason: str) -> None:
        """Fail every request, and from now on what comes."""
        self._refusal = reason
        self.close(ModelUnavailable(reason))
        self._fail(self._flights, ModelUnavailable(reason))

    def hear(self, events: Iterable[Event]) -> int:
        """Take what a step of the worker brought; return how many requests it ended.

        Raises InferenceError for an answer to something that the worker was not asked.
        """
        self.step()
        return sum(self._hear(event) for event in events)

    def step(self) -> None:
        """Note that the worker is alive."""
        self._heard = self._clock.monotonic()

    def stuck(self) -> str | None:
        """Return why the worker must be taken for hung, or None."""
        now = self._clock.monotonic()
        if any(since is not None and now - since > GRACE for since in self._held.values()):
            return f"it did not let go of a cancelled request within {GRACE:g} s"
        if self._held and now - self._heard > SILENCE:
            return f"it hung: no step within {SILENCE:g} s"
        return None

    def _hear(self, event: Event) -> bool:
        if event.id not in self._held:
            raise InferenceError(f"Expected an answer to a request at work, got one to {event.id}")
        flight = self._flights.get(event.id)
        last = flight.hear(event) if flight else not isinstance(event, Wrote) or event.delta.finish is not None
        if last:
            del self._held[event.id]
            usage = event.delta.usage if isinstance(event, Wrote) else None
            self.usage = usage if usage and usage.output_tokens > 1 else self.usage
        return last

    def _hand_over(self, flight: Flight, send: Send) -> None:
        if flight.over:
            return
        now = self._clock.monotonic()
        send(flight.request(max(0.0, flight.deadline - now)))
        self._heard = self._heard if self._held else now
        self._held[flight.number] = None

    def _cancel(self, number: int) -> None:
        if self._send is not None and number in self._held and self._held[number] is None:
            self._held[number] = self._clock.monotonic()
            self._send(Cancel(id=number))

    def _leave(self, flight: Flight) -> None:
        if self._flights.pop(flight.number, None) is None:
            return
        self._timers.pop(flight.number)()
        self._cancel(flight.number)
        if not self._flights:
            self._empty.set()

    def _expire(self, flight: Flight) -> None:
        where = "at work" if flight.number in self._held else "waiting for the model"
        flight.fail(InferenceError(f"Expected an answer of the model in the request's time, it was still {where}"))
        self._cancel(flight.number)

    def _fail(self, numbers: Iterable[int], error: InferenceError) -> None:
        for flight in [self._flights[number] for number in numbers if number in self._flights]:
            flight.fail(error)
