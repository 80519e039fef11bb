"""``delay:``: wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Step, StepKind
from hub.blueprints.execution import Execution
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import duration_text, required
from hub.core.records import StepRecord

_SCHEMA = vol.Schema(required(delay=duration_text))


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayStep:
    """Wait for a duration, which may hold templates."""

    duration: Any

    async def run(self, execution: Execution, record: StepRecord) -> None:
        seconds = execution.seconds(self.duration)
        record.result = {"delay": seconds, "done": False}
        await execution.ports.clock.sleep(seconds)
        record.result = {"delay": seconds, "done": True}


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    return DelayStep(duration=parsing.check(_SCHEMA, config, f"the delay {path}")["delay"])


KIND = StepKind(name="delay", keys=("delay",), parse=_parse)
