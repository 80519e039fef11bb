"""One automation at work: its triggers listen, and each run is a task of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from hub.blueprints.automation import Automation, Mode
from hub.blueprints.elements import Fire, PlacedTrigger
from hub.blueprints.execution import Execution, RunEnded
from hub.blueprints.look import Look
from hub.blueprints.ports import Ports
from hub.blueprints.running import act_as
from hub.core.bus import Unlisten
from hub.core.callers import Caller, CallerKind
from hub.core.context import MAX_DEPTH, Context
from hub.core.events import AUTOMATION_TRIGGERED, Event
from hub.core.records import Run, RunOutcome
from hub.core.state import StateMapping
from hub.errors import HubError

_log = logging.getLogger(__name__)
_LOOP = f"Expected at most {MAX_DEPTH} automation runs to cause each other, got more: this is a loop"


class _GoingOn:
    """A run that is going on or waits for its turn, and its task."""

    __slots__ = ("begun", "execution", "run", "task")

    task: asyncio.Task[None]

    def __init__(self, run: Run, execution: Execution) -> None:
        self.run = run
        self.execution = execution
        self.begun = False


class Runner:
    """Runs an automation.

    ``ended(run, context)`` hears of every run's end, ``changed(context)`` when a run changes what the entity shows.
    """

    def __init__(
        self,
        automation: Automation,
        entity_id: str,
        ports: Ports,
        tasks: asyncio.TaskGroup,
        *,
        ended: Callable[[Run, Context], None],
        changed: Callable[[Context], None],
    ) -> None:
        self.automation = automation
        self.entity_id = entity_id
        self.last_triggered: float | None = None
        self.problems: tuple[str, ...] = ()
        self._ports = ports
        self._tasks = tasks
        self._ended = ended
        self._changed = changed
        self._unlisten: list[Unlisten] | None = None
        self._caller = Caller(kind=CallerKind.AUTOMATION, id=entity_id)
        self._task_name = f"run:{entity_id}"
        self._runs: dict[str, _GoingOn] = {}

    @property
    def enabled(self) -> bool:
        """Whether its triggers listen."""
        return self._unlisten is not None

    @property
    def current(self) -> int:
        """How many runs are going on or wait for their turn."""
        return len(self._runs)

    @property
    def runs(self) -> list[Run]:
        """The runs that are going on or wait for their turn, oldest first."""
        return [one.run for one in self._runs.values()]

    def enable(self) -> None:
        """Let the triggers listen; one that cannot is noted in ``problems``, and the others do."""
        if self._unlisten is not None:
            return
        self._unlisten, problems = [], []
        look = Look(self._ports, {**self.automation.trigger_variables, "this": self._this()})
        for placed in self.automation.triggers:
            try:
                self._unlisten.append(placed.trigger.attach(look, self._firing(placed)))
            except HubError as error:
                problems.append(f"trigger/{placed.index}: {error}")
                _log.warning("%s cannot listen for trigger/%s: %s", self.entity_id, placed.index, error)
        self.problems = tuple(problems)

    def disable(self, *, stop_runs: bool = True) -> None:
        """Let no trigger listen any more, and with ``stop_runs`` end what is going on."""
        for unlisten in self._unlisten or ():
            unlisten()
        self._unlisten = None
        if stop_runs:
            self._cancel_runs()

    def start(
        self,
        trigger: Mapping[str, Any],
        context: Context,
        *,
        skip_conditions: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> Run:
        """Begin a run, if conditions and mode allow it; its record says."""
        inner = context.child(self.entity_id, deeper=True)
        run = Run(
            run_id=inner.id,
            automation_id=self.automation.id,
            entity_id=self.entity_id,
            started=self._ports.clock.time(),
            config=self.automation.config,
            blueprint=self.automation.blueprint,
            inputs=self.automation.inputs,
            context=inner.as_dict(),
        )
        try:
            execution = self._execution(run, trigger, inner)
            self._check_depth(context)
            self._set_variables(execution, extra or {})
            self._check_conditions(execution, skip_conditions)
            self._check_mode()
            self._launch(run, execution)
        except RunEnded as ended:
            self._end(run, inner, ended.outcome, ended.error)
        except HubError as error:
            self._end(run, inner, RunOutcome.ERROR, str(error))
        except Exception as error:  # noqa: BLE001 - boundary: a run's defect must not reach whoever triggered it
            _log.exception("%s failed before its first step", self.entity_id)
            self._end(run, inner, RunOutcome.ERROR, f"{type(error).__name__}: {error}")
        return run

    def _firing(self, placed: PlacedTrigger) -> Fire:
        own = {"id": placed.id, "idx": str(placed.index), "alias": placed.alias}

        def fire(variables: Mapping[str, Any], context: Context) -> None:
            self.start({**own, **variables}, context, extra=placed.variables)

        return fire

    def _execution(self, run: Run, trigger: Mapping[str, Any], context: Context) -> Execution:
        this = self._this()
        variables = {"this": this, "trigger": trigger, **self.automation.trigger_variables}
        execution = Execution(self._ports, variables, run.steps, context=context, caller=self._caller)
        run.trigger = trigger
        path = f"trigger/{trigger['idx']}" if "idx" in trigger else "trigger"
        record = execution.begin(path, str(trigger.get("platform") or "manual"))
        record.variables = {"this": this}
        record.compared = _compared(trigger)
        record.finished = record.started
        return execution

    def _set_variables(self, execution: Execution, extra: Mapping[str, Any]) -> None:
        for name, value in (*extra.items(), *self.automation.variables.items()):
            if name not in execution.variables:
                execution.variables[name] = execution.render(value)
        execution.variables["context"] = execution.context

    def _check_depth(self, context: Context) -> None:
        if context.depth >= MAX_DEPTH:
            _log.warning("%s was not run: %s", self.entity_id, _LOOP)
            raise RunEnded(RunOutcome.RECURSION, _LOOP)

    def _check_conditions(self, execution: Execution, skip: bool) -> None:
        if not skip and not execution.test_all(self.automation.conditions):
            raise RunEnded(RunOutcome.FAILED_CONDITIONS)

    def _check_mode(self) -> None:
        mode, going_on = self.automation.mode, len(self._runs)
        if mode is Mode.SINGLE and going_on:
            outcome = RunOutcome.FAILED_SINGLE
        elif mode in (Mode.QUEUED, Mode.PARALLEL) and going_on >= self.automation.max_runs:
            outcome = RunOutcome.FAILED_MAX_RUNS
        else:
            return
        if not self.automation.silent:
            _log.warning("%s was triggered while %s of its runs are going on (%s)", self.entity_id, going_on, mode)
        raise RunEnded(outcome)

    def _launch(self, run: Run, execution: Execution) -> None:
        one = _GoingOn(run, execution)
        one.task = self._tasks.create_task(self._run(one, self._before()), name=self._task_name)
        self._runs[run.run_id] = one
        self.last_triggered = run.started
        data = {"name": self.automation.alias, "entity_id": self.entity_id, "source": run.trigger.get("description")}
        self._ports.bus.publish(Event(AUTOMATION_TRIGGERED, data, execution.context, run.started))
        self._changed(execution.context)

    def _before(self) -> list[asyncio.Task[None]]:
        """Return the runs that a new one waits for, which are told to end where it takes their place."""
        mode = self.automation.mode
        if not self._runs or mode not in (Mode.RESTART, Mode.QUEUED):
            return []
        tasks = [one.task for one in self._runs.values()]
        if mode is Mode.RESTART:
            self._cancel_runs()
        return tasks

    def _cancel_runs(self) -> None:
        for one in list(self._runs.values()):
            one.task.cancel()
            if not one.begun:  # a task that is cancelled before its first step never runs at all
                self._done(one)

    async def _run(self, one: _GoingOn, awaited: list[asyncio.Task[None]]) -> None:
        one.begun, run = True, one.run
        try:
            if awaited:
                await asyncio.wait(awaited)
            act_as(one.execution.context)
            await one.execution.perform(self.automation.steps)
            run.outcome = RunOutcome.FINISHED
        except RunEnded as ended:
            run.outcome, run.error = ended.outcome, ended.error
        except HubError as error:
            run.outcome, run.error = RunOutcome.ERROR, str(error)
            _log.warning("%s failed: %s", self.entity_id, error)
        except Exception as error:  # noqa: BLE001 - boundary: a run's defect ends that run only
            run.outcome, run.error = RunOutcome.ERROR, f"{type(error).__name__}: {error}"
            _log.exception("%s failed", self.entity_id)
        finally:
            self._done(one)

    def _done(self, one: _GoingOn) -> None:
        run, context = one.run, one.execution.context
        del self._runs[run.run_id]
        self._end(run, context, run.outcome or RunOutcome.CANCELLED, run.error)
        self._changed(context)

    def _end(self, run: Run, context: Context, outcome: RunOutcome, error: str | None = None) -> None:
        run.outcome, run.error = outcome, error
        run.finished = self._ports.clock.time()
        self._ended(run, context)

    def _this(self) -> Mapping[str, Any] | None:
        state = self._ports.states.get(self.entity_id)
        return StateMapping(state) if state is not None else None


def _compared(trigger: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a trigger looked at, in short."""
    compared = {key: trigger[key] for key in ("entity_id", "above", "below", "attribute") if trigger.get(key)}
    for key, name in (("from_state", "from"), ("to_state", "to")):
        if key in trigger:
            state, attribute = trigger[key], trigger.get("attribute")
            value = state and (state.state if attribute is None else state.attributes.get(attribute))
            compared[name] = value
    return compared
