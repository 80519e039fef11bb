"""A condition as a step: what follows happens only if it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.blueprints.elements import PlacedCondition, Step, StepKind
from hub.blueprints.execution import Execution, RunEnded
from hub.blueprints.parsing import Parsing
from hub.core.records import RunOutcome, StepRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionStep:
    """End the run unless the condition holds."""

    condition: PlacedCondition | None

    async def run(self, execution: Execution, record: StepRecord) -> None:
        if self.condition is not None and not execution.find(self.condition, record):
            raise RunEnded(RunOutcome.ABORTED, record.error)


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    return ConditionStep(condition=parsing.condition(config, path))


KIND = StepKind(name="condition", keys=("condition", "and", "or", "not"), parse=_parse)
