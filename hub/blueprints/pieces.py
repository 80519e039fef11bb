"""Single triggers, conditions and sequences of steps, as clients send them: parts of no automation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from hub.blueprints.elements import Fire, PlacedTrigger, together
from hub.blueprints.execution import Execution, RunEnded
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.ports import Ports
from hub.blueprints.running import acting
from hub.core.bus import Unlisten
from hub.core.callers import Caller
from hub.core.context import Context
from hub.core.plain import plain
from hub.core.records import RunOutcome
from hub.errors import HubError, InvalidInput, Refused


class Pieces:
    """Checks, tests and carries out what stands on its own."""

    def __init__(self, ports: Ports, parsing: Parsing) -> None:
        self._ports = ports
        self._parsing = parsing

    def problem(self, part: str, config: Any) -> str | None:
        """Return what is wrong with ``config`` as the ``triggers``, ``conditions`` or ``actions`` of an automation."""
        parse: Mapping[str, Callable[[Any], object]] = {
            "triggers": self._parsing.triggers,
            "conditions": lambda value: self._parsing.conditions(value, "condition"),
            "actions": lambda value: self._parsing.steps(value, "action"),
        }
        try:
            parse[part](config)
            self._parsing.check_templates(config)
        except HubError as error:
            return str(error)
        return None

    def listen(self, config: Any, variables: Mapping[str, Any], fire: Fire) -> Unlisten:
        """Call ``fire`` with the trigger's variables in plain terms whenever one of the triggers happens.

        Raises InvalidInput for what is no trigger, HubError for one that cannot be waited for.
        """
        triggers = self._parsing.triggers(config, variables)
        if not triggers:
            raise InvalidInput("Expected a trigger that is not disabled, got none", path=("trigger",))
        stops: list[Unlisten] = []
        try:
            for placed in triggers:
                stops.append(placed.trigger.attach(Look(self._ports, variables), partial(_fired, placed, fire)))  # noqa: PERF401 - what was begun is ended
        except HubError:
            together(*stops)()
            raise
        return together(*stops)

    def test(self, config: Any, variables: Mapping[str, Any]) -> bool:
        """Say whether a condition holds; one that is disabled does.

        Raises InvalidInput for what is no condition, HubError where it cannot be told.
        """
        placed = self._parsing.condition(config, "condition")
        return placed is None or placed.condition.find(Look(self._ports, variables)).result

    async def perform(self, config: Any, variables: Mapping[str, Any], context: Context, caller: Caller) -> Any:
        """Carry out steps in the name of ``caller``; return the response that they stop with, if any.

        Raises InvalidInput for what is no sequence of steps, HubError for what failed.
        """
        steps = self._parsing.steps(config, "sequence")
        self._parsing.check_templates(config)
        execution = Execution(self._ports, {"context": context, **variables}, [], context=context, caller=caller)
        try:
            with acting(context):
                await execution.perform(steps)
        except RunEnded as ended:
            if ended.outcome is not RunOutcome.FINISHED:
                raise Refused(ended.error or f"The sequence was {ended.outcome}") from None
            return plain(execution.steps[-1].result.get("response")) if execution.steps else None
        return None


def _fired(placed: PlacedTrigger, fire: Fire, variables: Mapping[str, Any], context: Context) -> None:
    own = {"id": placed.id, "idx": str(placed.index), "alias": placed.alias}
    fire({**own, **plain(variables)}, context)
