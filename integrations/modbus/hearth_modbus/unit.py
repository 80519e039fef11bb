"""One device: what it holds is read again and again, and what is written is read back."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hearth_modbus.codec import Value, decode, encode, state_of, wanted
from hearth_modbus.config import DeviceSettings, LinkSettings
from hearth_modbus.describing import describe, unique_id
from hearth_modbus.link import Link, NoAnswer, Rejected
from hearth_modbus.planner import Span, plan, split
from hearth_modbus.registers import Register
from hub import AdapterHost, DeviceRefused, Report

_LONGEST_WAIT = 60.0
_LOOKS, _BETWEEN = 3, 0.25  # some devices show what was written a moment later
_NEEDS_STATE = frozenset({"toggle", "select_next", "select_previous"})
_log = logging.getLogger(__name__)


class Unit:
    """A device at ``run``. When its health changes it calls ``changed``; that may raise, which ends the run.

    A unit that does not answer is asked more and more seldom, and keeps nobody else waiting meanwhile.
    """

    def __init__(
        self, device: DeviceSettings, settings: LinkSettings, link: Link, host: AdapterHost, changed: Callable[[], None]
    ) -> None:
        self.device = device
        self.silent: str | None = None
        """Why it does not answer; None while it does, or has not been asked."""
        self.registers = {unique_id(register, device, settings): register for register in device.registers}
        self._ids = {register.key: each for each, register in self.registers.items()}
        self._settings = settings
        self._link = link
        self._host = host
        self._changed = changed
        self._plans = _plans(device)
        self._shown: set[str] = set()
        self._refused: dict[str, str] = {}
        self._writing = asyncio.Lock()

    @property
    def problems(self) -> list[str]:
        """What is wrong with it, in words."""
        return [self.silent] if self.silent else list(self._refused.values())

    def announce(self) -> None:
        """Tell the host of the entities."""
        for register in self.device.registers:
            self._host.add(describe(register, self.device, self._settings))
            if register.press is not None:
                self._host.available(True, self._ids[register.key])

    async def run(self) -> None:
        """Read until cancelled. Raises ConnectionLost."""
        clock = self._host.clock
        due = dict.fromkeys(self._plans, clock.monotonic())
        failures = 0
        while True:
            now = clock.monotonic()
            ready = [poll for poll, at in due.items() if at <= now]
            try:
                for poll in ready:
                    await self._read_all(poll)
            except NoAnswer as error:
                failures += 1
                self._fall_silent(str(error))
                await clock.sleep(min(_LONGEST_WAIT, min(due, default=1.0) * 2 ** min(failures, 10)))
                continue
            failures = 0
            self._answered()
            due.update({poll: max(due[poll] + poll, now) for poll in ready})
            await clock.sleep(max(0.01, min(due.values(), default=now + _LONGEST_WAIT) - clock.monotonic()))

    async def act(self, register: Register, action: str, data: Mapping[str, Any]) -> None:
        """Carry out an action on one of its entities, and see that it took effect.

        Raises DeviceRefused, ActionTimeout or ConnectionLost.
        """
        async with self._writing:
            held: Sequence[int] = ()
            if register.bit is not None or action.partition(".")[2] in _NEEDS_STATE:
                held = await self._read(register)
            now = state_of(register, decode(register, held)) if held else None
            words = encode(register, wanted(register, action, data, now), held)
            many = self.device.always_many
            await self._link.write(self.device.unit_id, register.kind, register.address, words, many=many)
            if register.press is None:
                await self._verify(register, words)
            else:
                self._note_press(register)

    async def _read_all(self, poll: float) -> None:
        plans: list[Span] = []
        for span in self._plans[poll]:
            plans += await self._read_span(span)
        self._plans[poll] = plans

    async def _read_span(self, span: Span) -> list[Span]:
        """Read a span and report; return the requests to make next time: fewer at once if the device refused these."""
        try:
            answer = await self._link.read(self.device.unit_id, span.kind, span.start, span.count)
        except Rejected as error:
            parts = split(span)
            if len(parts) == 1:
                self._note_refusal(span, str(error))
                return [span]
            return [left for part in parts for left in await self._read_span(part)]
        for register, words in span.cut(answer):
            self._report(register, words)
        return [span]

    async def _read(self, register: Register) -> list[int]:
        return await self._link.read(self.device.unit_id, register.kind, register.address, register.length)

    async def _verify(self, register: Register, words: Sequence[int]) -> None:
        meant, held = decode(register, words), await self._shown_now(register)
        for _ in range(_LOOKS):
            if held == meant:
                return
            await self._host.clock.sleep(_BETWEEN)
            held = await self._shown_now(register)
        told, says = state_of(register, meant), state_of(register, held)
        raise DeviceRefused(f"{register.name} was set to {told}, and {self.device.name} still says {says}")

    async def _shown_now(self, register: Register) -> Value:
        """Read a register, report it, and return what it holds."""
        words = await self._read(register)
        self._report(register, words)
        return decode(register, words)

    def _report(self, register: Register, words: Sequence[int]) -> None:
        key = self._ids[register.key]
        self._host.report(Report(unique_id=key, state=state_of(register, decode(register, words))))
        self._refused.pop(register.key, None)
        if key not in self._shown:
            self._shown.add(key)
            self._host.available(True, key)

    def _note_press(self, register: Register) -> None:
        now = dt.datetime.fromtimestamp(self._host.clock.time(), dt.UTC).isoformat()
        self._host.report(Report(unique_id=self._ids[register.key], state=now))

    def _note_refusal(self, span: Span, reason: str) -> None:
        for register in span.registers:
            if register.key not in self._refused:
                _log.warning("%s of %s cannot be read: %s", register.name, self.device.name, reason)
            self._refused[register.key] = f"{register.name}: {reason}"
            self._hide(self._ids[register.key])

    def _fall_silent(self, reason: str) -> None:
        first, self.silent = self.silent is None, f"{self.device.name}: {reason}"
        for key in list(self._shown):
            self._hide(key)
        if first:
            self._changed()

    def _hide(self, key: str) -> None:
        if key in self._shown:
            self._shown.discard(key)
            self._host.available(False, key)

    def _answered(self) -> None:
        self.silent = None
        self._changed()


def _plans(device: DeviceSettings) -> dict[float, list[Span]]:
    """Return the requests to make, by how often."""
    by_poll: dict[float, list[Register]] = {}
    for register in device.registers:
        if register.press is None:
            by_poll.setdefault(register.poll or device.poll, []).append(register)
    return {poll: plan(registers, gap=device.gap, most=device.most) for poll, registers in by_poll.items()}
