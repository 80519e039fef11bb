"""``wait_template:`` and ``wait_for_trigger:``: wait until something is so or happens, perhaps not longer than a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import PlacedTrigger, Step, StepKind, together
from hub.blueprints.execution import Execution, RunEnded
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import anything, boolean, duration_text, optional, required, text
from hub.blueprints.watching import TemplateWatch
from hub.core.bus import Unlisten
from hub.core.context import Context
from hub.core.records import RunOutcome, StepRecord
from hub.templates import as_boolean

_COMMON = optional(timeout=duration_text, continue_on_timeout=boolean)
_TEMPLATE = vol.Schema({**required(wait_template=text), **_COMMON})
_TRIGGER = vol.Schema({**required(wait_for_trigger=anything), **_COMMON})

Happened = Callable[[Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, and whether to go on afterwards all the same."""

    timeout: Any = None
    continue_on_timeout: bool = True

    async def wait(
        self, execution: Execution, listen: Callable[[Happened], Unlisten]
    ) -> tuple[bool, Any, float | None]:
        """Wait for what ``listen`` reports; return whether it came, what it was, and the seconds left."""
        clock = execution.ports.clock
        limit = execution.seconds(self.timeout) if self.timeout is not None else None
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        end = clock.monotonic() + (limit or 0.0)
        unlisten = listen(lambda value: None if future.done() else future.set_result((True, value)))
        expire = lambda: None if future.done() else future.set_result((False, None))  # noqa: E731
        cancel = clock.call_later(limit, expire) if limit is not None else lambda: None
        try:
            completed, value = await future
        finally:
            cancel()
            unlisten()
        return completed, value, None if limit is None else max(0.0, end - clock.monotonic())

    def give_up(self) -> None:
        """End the run unless it goes on after a timeout."""
        if not self.continue_on_timeout:
            raise RunEnded(RunOutcome.ABORTED, "Expected it to happen in time")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitTemplateStep:
    """Wait until a template is true."""

    template: str
    patience: Patience

    async def run(self, execution: Execution, record: StepRecord) -> None:
        def listen(happened: Happened) -> Unlisten:
            def changed(result: Any, *_: object) -> None:
                if as_boolean(result):
                    happened(None)

            watch = TemplateWatch(execution, self.template, changed)
            changed(watch.result)
            return watch.stop

        completed, _, remaining = await self.patience.wait(execution, listen)
        wait = {"remaining": remaining, "completed": completed}
        _note(execution, record, wait)
        if not completed:
            self.patience.give_up()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitForTriggerStep:
    """Wait until one of these triggers happens."""

    triggers: tuple[PlacedTrigger, ...]
    patience: Patience

    async def run(self, execution: Execution, record: StepRecord) -> None:
        completed, trigger, remaining = await self.patience.wait(
            execution, lambda happened: self._listen(execution, happened)
        )
        wait = {"remaining": remaining, "completed": completed, "trigger": trigger}
        _note(execution, record, wait)
        if not completed:
            self.patience.give_up()

    def _listen(self, execution: Execution, happened: Happened) -> Unlisten:
        return together(*(placed.trigger.attach(execution, _reporter(placed, happened)) for placed in self.triggers))


def _reporter(placed: PlacedTrigger, happened: Happened) -> Callable[[Mapping[str, Any], Context], None]:
    own = {"id": placed.id, "idx": str(placed.index), "alias": placed.alias}
    return lambda variables, _: happened({**own, **variables})


def _note(execution: Execution, record: StepRecord, wait: Mapping[str, Any]) -> None:
    execution.assign(record, {"wait": wait})
    record.result = {"wait": wait}


def _patience(data: Mapping[str, Any]) -> Patience:
    return Patience(timeout=data.get("timeout"), continue_on_timeout=data.get("continue_on_timeout", True))


def _template(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    data = parsing.check(_TEMPLATE, config, f"the wait_template {path}")
    return WaitTemplateStep(template=data["wait_template"], patience=_patience(data))


def _trigger(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    data = parsing.check(_TRIGGER, config, f"the wait_for_trigger {path}")
    return WaitForTriggerStep(triggers=parsing.triggers(data["wait_for_trigger"]), patience=_patience(data))


KINDS = (
    StepKind(name="wait_template", keys=("wait_template",), parse=_template),
    StepKind(name="wait_for_trigger", keys=("wait_for_trigger",), parse=_trigger),
)
