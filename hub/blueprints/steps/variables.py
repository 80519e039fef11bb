"""``variables:``: set variables, each from those before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints import values
from hub.blueprints.elements import Step, StepKind
from hub.blueprints.execution import Execution
from hub.blueprints.parsing import Parsing
from hub.core.records import StepRecord

_SCHEMA = vol.Schema(values.required(variables=values.variables))


@dataclass(frozen=True, slots=True, kw_only=True)
class VariablesStep:
    """Set variables in order."""

    variables: Mapping[str, Any]

    async def run(self, execution: Execution, record: StepRecord) -> None:
        for name, value in self.variables.items():
            execution.assign(record, {name: execution.render(value)})


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    return VariablesStep(variables=parsing.check(_SCHEMA, config, f"the variables {path}")["variables"])


KIND = StepKind(name="variables", keys=("variables",), parse=_parse)
