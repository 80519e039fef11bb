"""Looking at the home for a condition: variables, ports, and the record of what was compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import PlacedCondition
from hub.blueprints.ports import Ports
from hub.blueprints.values import seconds
from hub.core.records import StepRecord
from hub.errors import HubError, InvalidInput

MAX_RECORDED = 500
"""Conditions and steps that one run's record keeps; what follows is done but not recorded."""


class Look:
    """A run's variables and records, as triggers and conditions use them."""

    def __init__(self, ports: Ports, variables: Mapping[str, Any], steps: list[StepRecord] | None = None) -> None:
        self.ports = ports
        self.variables: Mapping[str, Any] = variables
        self.steps = [] if steps is None else steps

    def begin(self, path: str, kind: str) -> StepRecord:
        """Return a new record; it is kept while there are not too many."""
        record = StepRecord(path=path, kind=kind, started=self.ports.clock.time())
        if len(self.steps) < MAX_RECORDED:
            self.steps.append(record)
        return record

    def render(self, value: Any) -> Any:
        """Return ``value`` with its templates rendered.

        Raises TemplateError.
        """
        return self.ports.templates.render_complex(value, self.variables)

    def seconds(self, value: Any) -> float:
        """Return a duration in seconds, its templates rendered.

        Raises TemplateError, or InvalidInput if it is no duration.
        """
        try:
            return seconds(self.render(value))
        except vol.Invalid as error:
            raise InvalidInput(f"E{str(error)[1:]}") from None

    def test(self, placed: PlacedCondition) -> bool:
        """Say whether a condition holds; one that cannot be told does not."""
        return self.find(placed, self.begin(placed.path, placed.kind))

    def find(self, placed: PlacedCondition, record: StepRecord) -> bool:
        """Say whether a condition holds, in a record that is there already."""
        try:
            finding = placed.condition.find(self)
        except HubError as error:
            record.error = str(error)
            record.result = {"result": False}
        else:
            record.compared = finding.compared
            record.result = {"result": finding.result}
        record.finished = self.ports.clock.time()
        return bool(record.result["result"])

    def test_all(self, conditions: Iterable[PlacedCondition]) -> bool:
        """Say whether all conditions hold; those after the first that does not are not looked at."""
        return all(self.test(condition) for condition in conditions)
