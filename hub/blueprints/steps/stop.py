"""``stop:``: end the run here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Step, StepKind
from hub.blueprints.execution import Execution, RunEnded
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import anything, boolean, optional, required
from hub.core.records import RunOutcome, StepRecord

_SCHEMA = vol.Schema({**required(stop=anything), **optional(error=boolean, response_variable=str)})


@dataclass(frozen=True, slots=True, kw_only=True)
class StopStep:
    """End the run: well, or with ``error`` as aborted."""

    reason: str
    error: bool = False
    response_variable: str | None = None

    async def run(self, execution: Execution, record: StepRecord) -> None:
        reason = str(execution.render(self.reason))
        record.result = {"stop": reason, "error": self.error}
        if self.response_variable is not None:
            record.result = {**record.result, "response": execution.variables.get(self.response_variable)}
        if self.error:
            raise RunEnded(RunOutcome.ABORTED, reason)
        raise RunEnded(RunOutcome.FINISHED)


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    data = parsing.check(_SCHEMA, config, f"the stop {path}")
    return StopStep(
        reason="" if data["stop"] is None else str(data["stop"]),
        error=data.get("error", False),
        response_variable=data.get("response_variable"),
    )


KIND = StepKind(name="stop", keys=("stop",), parse=_parse)
