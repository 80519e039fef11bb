"""``sequence:``: several steps as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import PlacedStep, Step, StepKind
from hub.blueprints.execution import Execution
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import anything, required
from hub.core.records import StepRecord

_SCHEMA = vol.Schema(required(sequence=anything))


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceStep:
    """Carry out steps in order."""

    steps: tuple[PlacedStep, ...]

    async def run(self, execution: Execution, record: StepRecord) -> None:
        await execution.perform(self.steps)


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    data = parsing.check(_SCHEMA, config, f"the sequence {path}")
    return SequenceStep(steps=parsing.steps(data["sequence"], f"{path}/sequence"))


KIND = StepKind(name="sequence", keys=("sequence",), parse=_parse)
