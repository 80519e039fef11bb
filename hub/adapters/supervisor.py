"""Runs adapters: starts them, restarts them with a jittered wait, and knows how they are."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.adapters.host import Host, HostServices
from hub.adapters.interfaces import Actuator, Adapter, ConfigEntry, Integration, Listener, Messenger, PictureSource
from hub.core.bus import Unlisten
from hub.core.context import Context
from hub.core.events import INTEGRATION_CHANGED, Event
from hub.errors import AdapterError, ConnectionLost, InvalidInput

_log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds before the first new attempt after a lost connection, and between the last ones."""
DEFECT_FACTOR = 5
"""How much longer to wait after a defect than after a lost connection."""
STEADY = 60.0
"""An adapter that ran this many seconds begins again with the first wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How one config entry's adapter is. ``connected`` is None where it has not said."""

    entry_id: str
    integration: str
    running: bool
    connected: bool | None = None
    reason: str | None = None
    restarts: int = 0


class Supervisor:
    """Runs one adapter for each config entry; also finds the adapter that acts or listens for a trigger."""

    def __init__(self, services: HostServices) -> None:
        self._services = services
        self._group: asyncio.TaskGroup | None = None
        self._runners: dict[str, _Runner] = {}
        self._ending: dict[str, set[asyncio.Task[None]]] = {}
        self._pending: list[_Trigger] = []

    async def run(self, ready: asyncio.Event | None = None) -> None:
        """Run adapters as they are started, until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                if ready is not None:
                    ready.set()
                await asyncio.get_running_loop().create_future()
            finally:
                self._group = None

    def start(self, integration: Integration, entry: ConfigEntry) -> None:
        """Start the adapter of an entry, whose data has been checked."""
        if self._group is None:
            raise RuntimeError("Expected the supervisor to run before an adapter is started")
        runner = _Runner(
            integration, entry, self._services, self._attach, after=frozenset(self._ending.get(entry.entry_id, ()))
        )
        self._runners[entry.entry_id] = runner
        runner.task = self._group.create_task(runner.run(), name=f"adapter:{entry.integration}:{entry.title}")

    def stop_soon(self, entry_id: str, ended: Callable[[], None] | None = None) -> None:
        """Stop the adapter of an entry; its entities become unavailable, and then ``ended`` is called."""
        runner = self._runners.pop(entry_id, None)
        if runner is not None and runner.task is not None:
            self._ending.setdefault(entry_id, set()).add(runner.task)
            runner.task.add_done_callback(lambda task: self._ended(entry_id, task, ended))
            runner.task.cancel()
        elif ended is not None:
            ended()

    async def stop(self, entry_id: str) -> None:
        """Stop the adapter of an entry and wait until it has ended."""
        self.stop_soon(entry_id)
        if tasks := self._ending.get(entry_id):
            await asyncio.wait(set(tasks))

    def _ended(self, entry_id: str, task: asyncio.Task[None], ended: Callable[[], None] | None) -> None:
        self._ending[entry_id].discard(task)
        if not self._ending[entry_id]:
            del self._ending[entry_id]
        if ended is not None:
            ended()

    def health(self) -> list[Health]:
        """Return how every adapter is."""
        return [runner.health() for runner in self._runners.values()]

    def actuator(self, entry_id: str | None) -> Actuator | None:
        """Return the running adapter of a config entry, if it can act."""
        runner = self._runners.get(entry_id or "")
        return runner.actuator if runner is not None else None

    def actuator_of(self, integration: str) -> Actuator | None:
        """Return a running adapter of an integration, if one can act."""
        runners = (runner for runner in self._runners.values() if runner.entry.integration == integration)
        return next((runner.actuator for runner in runners if runner.actuator is not None), None)

    def messenger(self, entry_id: str) -> Messenger | None:
        """Return the running adapter of a config entry, if it is a chat channel."""
        adapter = self._adapter(entry_id)
        return adapter if isinstance(adapter, Messenger) else None

    def picture_source(self, entry_id: str | None) -> PictureSource | None:
        """Return the running adapter of a config entry, if its entities have pictures."""
        adapter = self._adapter(entry_id)
        return adapter if isinstance(adapter, PictureSource) else None

    def _adapter(self, entry_id: str | None) -> object:
        runner = self._runners.get(entry_id or "")
        return runner.adapter if runner is not None else None

    def listen(self, platform: str, spec: Mapping[str, Any], fire: Callable[[Mapping[str, Any]], None]) -> Unlisten:
        """Listen for a trigger that an integration's adapters offer; it goes on over their restarts.

        Raises InvalidInput if the running adapter does not accept ``spec``.
        """
        trigger = _Trigger(platform, spec, fire)
        self._pending.append(trigger)
        for runner in self._runners.values():
            self._attach_one(runner, trigger)

        def unlisten() -> None:
            if trigger in self._pending:
                self._pending.remove(trigger)
            trigger.detach()

        return unlisten

    def _attach(self, runner: _Runner) -> None:
        for trigger in self._pending:
            trigger.detach(runner)
            try:
                self._attach_one(runner, trigger)
            except InvalidInput as error:
                _log.warning("A %s trigger could not be set up: %s", trigger.platform, error)

    def _attach_one(self, runner: _Runner, trigger: _Trigger) -> None:
        listener: object = runner.adapter
        if trigger.platform in runner.integration.manifest.triggers and isinstance(listener, Listener):
            trigger.unlisten[runner.entry.entry_id] = listener.listen(trigger.spec, trigger.fire)


class _Trigger:
    """A trigger somebody listens for, attached to each adapter that offers it."""

    def __init__(self, platform: str, spec: Mapping[str, Any], fire: Callable[[Mapping[str, Any]], None]) -> None:
        self.platform = platform
        self.spec = spec
        self.fire = fire
        self.unlisten: dict[str, Unlisten] = {}

    def detach(self, runner: _Runner | None = None) -> None:
        """Stop listening, at one adapter or all."""
        entry_ids = list(self.unlisten) if runner is None else [runner.entry.entry_id]
        for entry_id in entry_ids:
            unlisten = self.unlisten.pop(entry_id, None)
            if unlisten is not None:
                unlisten()


class _Runner:
    """One adapter's life: runs, ends, waits, runs again."""

    def __init__(
        self,
        integration: Integration,
        entry: ConfigEntry,
        services: HostServices,
        attach: Callable[[_Runner], None],
        after: frozenset[asyncio.Task[None]] = frozenset(),
    ) -> None:
        self.integration = integration
        self.entry = entry
        self.adapter: Adapter | None = None
        self.actuator: Actuator | None = None
        self.task: asyncio.Task[None] | None = None
        self._services = services
        self._attach = attach
        self._after = after
        self._connected: bool | None = None
        self._reason: str | None = None
        self._restarts = 0

    def health(self) -> Health:
        return Health(
            entry_id=self.entry.entry_id,
            integration=self.entry.integration,
            running=self.adapter is not None,
            connected=self._connected,
            reason=self._reason,
            restarts=self._restarts,
        )

    async def run(self) -> None:
        if self._after:  # or what those before it say last would hide what this one says first
            await asyncio.wait(self._after)
        clock = self._services.clock
        host = Host(self.entry, self._services, self._note)
        failures = 0
        try:
            while True:
                began = clock.monotonic()
                slower = await self._run_once(host)
                failures = 0 if clock.monotonic() - began > STEADY else failures + 1
                self._restarts += 1
                longest = (
                    min(LONGEST_WAIT, FIRST_WAIT * slower * 2 ** min(failures - 1, 10)) if failures else FIRST_WAIT
                )
                await clock.sleep(random.uniform(longest / 2, longest))  # noqa: S311 - jitter, not a secret
        finally:
            host.available(False)
            host.close()

    async def _run_once(self, host: Host) -> int:
        """Run the adapter until it ends; return how much longer than usual to wait."""
        slower = 1
        try:
            self.adapter = adapter = self.integration.make(self.entry)
            self.actuator = adapter if isinstance(adapter, Actuator) else None  # asking a Protocol is slow
            self._attach(self)
            await host.run(self.adapter.run(host))
            self._note(False, "It ended by itself")
        except* ConnectionLost as lost:
            self._note(False, str(lost.exceptions[0]))
            _log.info("%s lost its connection: %s", self.entry.title, lost.exceptions[0])
        except* Exception as defects:  # noqa: BLE001 - boundary: an adapter's defect ends its own run only
            slower = DEFECT_FACTOR
            defect = defects.exceptions[0]
            self._note(False, _reason(defect))
            trace = None if isinstance(defect, AdapterError) else defect  # of the device's or the process's doing
            _log.error("The adapter of %s failed: %s", self.entry.title, _reason(defect), exc_info=trace)
        finally:
            self.adapter = self.actuator = None
            host.available(False)
        return slower

    def _note(self, connected: bool, reason: str | None) -> None:
        changed = (connected, reason) != (self._connected, self._reason)
        self._connected, self._reason = connected, reason
        if changed:
            data = {"integration": self.entry.integration, "connected": connected, "reason": reason}
            clock, bus = self._services.clock, self._services.bus
            bus.publish(Event(INTEGRATION_CHANGED, data, Context("supervisor"), clock.time()))


def _reason(error: Exception) -> str:
    """Return a defect in words; what an adapter's process or device did says it all without its type."""
    return str(error) if isinstance(error, AdapterError) else f"{type(error).__name__}: {error}"
