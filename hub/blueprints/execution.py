"""One run under way: its variables, its causal chain, and the carrying out of its steps."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import Any

from hub.blueprints.elements import PlacedStep
from hub.blueprints.look import Look
from hub.blueprints.ports import Ports
from hub.core.callers import Caller
from hub.core.context import Context
from hub.core.records import RunOutcome, StepRecord
from hub.errors import HubError


class RunEnded(Exception):
    """A step ended the run: with this outcome, and an error if it was not meant to go well."""

    def __init__(self, outcome: RunOutcome, error: str | None = None) -> None:
        super().__init__(error or outcome.value)
        self.outcome = outcome
        self.error = error


class Variables(ChainMap[str, Any]):
    """A run's variables: scopes inside each other, the innermost first."""

    def assign(self, name: str, value: Any) -> None:
        """Set a variable in the nearest scope that has it, otherwise in the outermost."""
        scope = next((scope for scope in self.maps if name in scope), self.maps[-1])
        scope[name] = value


class Execution(Look):
    """Carries out steps one after the other and records each."""

    def __init__(
        self, ports: Ports, variables: Mapping[str, Any], steps: list[StepRecord], *, context: Context, caller: Caller
    ) -> None:
        super().__init__(ports, Variables(dict(variables)), steps)
        self.variables: Variables
        self.context = context
        self.caller = caller

    async def perform(self, steps: Iterable[PlacedStep]) -> None:
        """Carry out steps in order.

        Raises RunEnded if one ends the run, HubError if one fails and may not.
        """
        for placed in steps:
            await self._perform(placed)

    async def _perform(self, placed: PlacedStep) -> None:
        record = self.begin(placed.path, placed.kind)
        try:
            if placed.enabled:
                await placed.step.run(self, record)
            else:
                record.result = {"enabled": False}
        except RunEnded as ended:
            record.error = ended.error
            raise
        except HubError as error:
            record.error = str(error)
            if not placed.continue_on_error:
                raise
        finally:
            record.finished = self.ports.clock.time()

    def assign(self, record: StepRecord, values: Mapping[str, Any]) -> None:
        """Set variables and note them in a step's record."""
        for name, value in values.items():
            self.variables.assign(name, value)
        record.variables = {**record.variables, **values}
