"""All automations: read from files, run, shown as entities. An adapter like any other, whose device is the hub itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.adapters.attribution import RecentActions
from hub.adapters.interfaces import AdapterHost, EntityCall, EntityDescription, Report
from hub.blueprints.automation import Automation, Mode
from hub.blueprints.gallery import Blueprints
from hub.blueprints.library import Library
from hub.blueprints.pieces import Pieces
from hub.blueprints.ports import Agent, Ports, Triggers
from hub.blueprints.references import references
from hub.blueprints.runner import Runner
from hub.blueprints.running import current_context
from hub.blueprints.sources import Source
from hub.blueprints.trace import run_row
from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import RUN_FINISHED, Event
from hub.core.ids import slugify
from hub.core.ports import Actions, Runs
from hub.core.records import Run
from hub.core.registry import Registries
from hub.core.states import States
from hub.errors import ConfigError, NotFound
from hub.templates import Templates
from hub.virtual import SunTimes

INTEGRATION = "automation"
"""The name under which the automations' entities are registered."""
_STORED = "automations"


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationRecord:
    """How an automation is: ``status`` is loaded or broken, ``reason`` says why, ``problems`` what does not work in it."""

    id: str
    alias: str
    status: str
    file: str
    line: int | None = None
    entity_id: str | None = None
    reason: str | None = None
    blueprint: str | None = None
    mode: str | None = None
    problems: tuple[str, ...] = ()


class Automations:
    """Loads automations, and runs them while ``run`` runs."""

    def __init__(
        self,
        *,
        config_dir: Path,
        bus: EventBus,
        states: States,
        actions: Actions,
        templates: Templates,
        runs: Runs,
        agent: Agent,
        triggers: Triggers,
        clock: Clock,
        registries: Registries,
        recent: RecentActions | None = None,
        sun: SunTimes | None = None,
        shipped: Path | None = None,
    ) -> None:
        self.blueprints = Blueprints(config_dir, shipped)
        self._library = Library(config_dir, self.blueprints, templates, triggers.offers)
        self._ports = Ports(
            bus=bus,
            states=states,
            registries=registries,
            templates=templates,
            actions=actions,
            agent=agent,
            triggers=triggers,
            clock=clock,
        )
        self.pieces = Pieces(self._ports, self._library.parsing)
        self._runs = runs
        self._registries = registries
        self._recent = recent or RecentActions(clock)
        self._runners: dict[str, Runner] = {}
        self._stored: dict[str, dict[str, Any]] = {}
        self._host: AdapterHost | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self.ready = asyncio.Event()
        """Set while the triggers listen: what is published then starts automations."""

    async def run(self, host: AdapterHost) -> None:
        """Run the automations that are loaded, until cancelled."""
        self._stored = dict(host.storage.load(_STORED) or {})
        async with asyncio.TaskGroup() as tasks:
            self._host, self._tasks = host, tasks
            try:
                self._update()
                host.connected(True)
                self.ready.set()
                await asyncio.get_running_loop().create_future()
            finally:
                self.ready.clear()
                for runner in self._runners.values():
                    runner.disable()
                self._runners.clear()
                self._host = self._tasks = None

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        """Carry out ``automation.turn_on``, ``turn_off``, ``toggle``, ``trigger`` or ``reload``."""
        if call.action == "automation.reload":
            await self.reload()
            return None
        for id_ in call.unique_ids:
            self._act(self._runner(id_), call.action, call.data)
        return None

    def load(self) -> None:
        """Read the automations' files. What is wrong with one is in its record; the others are loaded."""
        self._library.read()
        self._update()

    async def reload(self) -> None:
        """Read the files again: what has not changed goes on, what has starts anew."""
        await self._library.read_again()
        self._update()

    def records(self) -> list[AutomationRecord]:
        """Return how every automation is, broken ones too."""
        return [self._record(source, made) for source, made in self._library]

    def validate(self, config: Mapping[str, Any], id_: str) -> None:
        """Do nothing if ``config`` is an automation that can be loaded.

        Raises InvalidInput, or ConfigError for what is wrong in it or in its blueprint.
        """
        self._library.check(config, id_)

    async def write(self, id_: str, config: Mapping[str, Any]) -> None:
        """Check an automation, write it to ``automations/<id>.yaml`` and load it.

        Raises InvalidInput or ConfigError; then nothing has changed.
        """
        await self._library.write(id_, config)
        self._update()

    async def delete(self, id_: str) -> None:
        """Remove an automation and its file.

        Raises NotFound, or InvalidInput if it has no file of its own.
        """
        await self._library.delete(id_)
        self._update()

    def config(self, id_: str) -> dict[str, Any]:
        """Return an automation as it is written.

        Raises NotFound, or the error if its file cannot be read.
        """
        return self._library.config(id_)

    def references(self, id_: str) -> Mapping[str, frozenset[str]]:
        """Return what a loaded automation speaks of, by the keys of a target; nothing for one that is broken."""
        automation = self._library.automations.get(id_)
        return references(automation.full if automation is not None else {})

    def running(self, id_: str | None = None) -> list[Run]:
        """Return the runs that are going on, of one automation or of all."""
        runners = [runner for key, runner in self._runners.items() if id_ in (None, key)]
        return [run for runner in runners for run in runner.runs]

    def _update(self) -> None:
        """Let exactly the loaded automations run; those that have not changed go on."""
        host, tasks = self._host, self._tasks
        if host is None or tasks is None:
            return
        automations = self._library.automations
        for id_, runner in list(self._runners.items()):
            if id_ not in automations or automations[id_].full != runner.automation.full:
                runner.disable()
                del self._runners[id_]
        for automation in automations.values():
            if automation.id not in self._runners:
                self._start(automation, host, tasks)
        self._show_broken(host)
        self._forget(host)

    def _start(self, automation: Automation, host: AdapterHost, tasks: asyncio.TaskGroup) -> None:
        _add(host, automation.id, automation.alias)
        host.available(True, automation.id)
        runner = Runner(
            automation,
            self._entity_id(automation.id) or f"automation.{slugify(automation.alias)}",
            self._ports,
            tasks,
            ended=self._ended,
            changed=lambda context: self._show(automation.id, context),
        )
        stored = self._stored.get(automation.id, {})
        runner.last_triggered = stored.get("last_triggered")
        self._runners[automation.id] = runner
        wanted = automation.initial_state
        if stored.get("enabled", True) if wanted is None else wanted:
            runner.enable()
        self._show(automation.id)

    def _show(self, id_: str, context: Context | None = None) -> None:
        """Report an automation's state, and keep what must outlast a restart. ``context`` is the run that changed it."""
        runner, host = self._runners.get(id_), self._host
        if runner is None or host is None:
            return
        if context is not None:
            self._recent.note(runner.entity_id, context)
        enabled, last = runner.enabled, runner.last_triggered
        host.report(Report(unique_id=id_, state="on" if enabled else "off", attributes=_attributes(runner)))
        kept = self._stored.get(id_, {})
        if kept.get("last_triggered") != last or kept.get("enabled") is not enabled:
            self._stored[id_] = {"enabled": enabled, "last_triggered": last}
            host.storage.save(_STORED, self._kept)

    def _kept(self) -> dict[str, dict[str, Any]]:
        return self._stored

    def _show_broken(self, host: AdapterHost) -> None:
        loaded = self._library.automations
        for source, made in self._library:
            if isinstance(made, ConfigError) and source.id not in loaded and source.config is not None:
                _add(host, source.id, str(source.config.get("alias") or source.id))
                host.available(False, source.id)

    def _forget(self, host: AdapterHost) -> None:
        known = {source.id for source, _ in self._library}
        ids = [entity.unique_id for entity in self._registries.entities if entity.integration == INTEGRATION]
        for id_ in ids:
            if id_ not in known:
                host.remove(id_)
                self._stored.pop(id_, None)

    def _ended(self, run: Run, context: Context) -> None:
        self._runs.add(run)
        self._ports.bus.publish(Event(RUN_FINISHED, run_row(run), context, self._ports.clock.time()))

    def _act(self, runner: Runner, action: str, data: Mapping[str, Any]) -> None:
        if action == "automation.trigger":
            context = current_context() or Context("automation.trigger")
            runner.start({"platform": None}, context, skip_conditions=data.get("skip_condition", True))
            return
        if not runner.enabled if action == "automation.toggle" else action == "automation.turn_on":
            runner.enable()
        else:
            runner.disable(stop_runs=data.get("stop_actions", True))
        self._show(runner.automation.id)

    def _runner(self, id_: str) -> Runner:
        try:
            return self._runners[id_]
        except KeyError:
            raise NotFound(f"Expected an automation that is loaded, got {id_!r}") from None

    def _entity_id(self, id_: str) -> str | None:
        entity = self._registries.entities.find(INTEGRATION, id_)
        return entity.entity_id if entity is not None else None

    def _record(self, source: Source, made: Automation | ConfigError) -> AutomationRecord:
        entity_id = self._entity_id(source.id)
        if isinstance(made, ConfigError):
            alias = str((source.config or {}).get("alias") or source.id)
            return AutomationRecord(
                id=source.id,
                alias=alias,
                status="broken",
                file=source.file,
                line=made.line or source.line,
                entity_id=entity_id,
                reason=str(made),
            )
        runner = self._runners.get(source.id)
        return AutomationRecord(
            id=source.id,
            alias=made.alias,
            status="loaded",
            file=source.file,
            line=source.line,
            entity_id=entity_id,
            blueprint=made.blueprint,
            mode=made.mode.value,
            problems=(*made.notes, *(runner.problems if runner else ())),
        )


def _add(host: AdapterHost, id_: str, alias: str) -> None:
    own = {"id": id_}
    host.add(EntityDescription(domain="automation", unique_id=id_, name=alias, has_entity_name=False, attributes=own))


def _attributes(runner: Runner) -> dict[str, Any]:
    automation, last = runner.automation, runner.last_triggered
    several = automation.mode in (Mode.QUEUED, Mode.PARALLEL)
    return {
        "last_triggered": datetime.fromtimestamp(last, UTC) if last is not None else None,
        "mode": str(automation.mode),
        "current": runner.current,
        **({"max": automation.max_runs} if several else {}),
    }
