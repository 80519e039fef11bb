"""``event:``: publish an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Step, StepKind
from hub.blueprints.execution import Execution
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import anything, optional, required, text
from hub.core.events import Event
from hub.core.records import StepRecord
from hub.errors import InvalidInput

_SCHEMA = vol.Schema({**required(event=text), **optional(event_data=anything, event_data_template=anything)})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStep:
    """Publish an event in the run's causal chain."""

    event_type: str
    data: tuple[Any, ...]

    async def run(self, execution: Execution, record: StepRecord) -> None:
        data: dict[str, Any] = {}
        for part in self.data:
            rendered = execution.render(part)
            if not isinstance(rendered, Mapping):
                raise InvalidInput(f"Expected a mapping as the data of {self.event_type}, got {rendered!r}")
            data |= rendered
        record.result = {"event": self.event_type, "event_data": data}
        ports = execution.ports
        ports.bus.publish(Event(self.event_type, data, execution.context, ports.clock.time()))


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    data = parsing.check(_SCHEMA, config, f"the event {path}")
    parts = (data.get("event_data"), data.get("event_data_template"))
    return EventStep(event_type=data["event"], data=tuple(part for part in parts if part))


KIND = StepKind(name="event", keys=("event",), parse=_parse)
