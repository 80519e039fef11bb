"""``trigger: event``: an event with this data happens on the bus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Fire, Trigger, TriggerKind, together
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import listed, optional, required, texts, variables
from hub.core.bus import Unlisten
from hub.core.events import AnyEvent

_SCHEMA = vol.Schema({**required(event_type=texts), **optional(event_data=variables, context=variables)})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger:
    """An event of one of these types whose data and context hold what is asked for; other keys do not matter."""

    event_types: tuple[str, ...]
    data: Mapping[str, Any]
    context: Mapping[str, Any]

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        render = partial(look.ports.templates.render_complex, variables=look.variables, limited=True)
        data, context = render(self.data), render(self.context)

        def heard(event: AnyEvent) -> None:
            if (not data or _holds(event.data, data)) and (not context or _comes_from(event, context)):
                variables = {"platform": "event", "event": event, "description": f"event '{event.type}'"}
                fire(variables, event.context)

        return together(*(look.ports.bus.listen(str(type_), heard) for type_ in render(list(self.event_types))))


def _holds(data: Any, wanted: Mapping[str, Any]) -> bool:
    if not isinstance(data, Mapping):
        return False
    return all(key in data and _equal(data[key], value) for key, value in wanted.items())


def _equal(value: Any, wanted: Any) -> bool:
    return _holds(value, wanted) if isinstance(wanted, Mapping) else bool(value == wanted)


def _comes_from(event: AnyEvent, wanted: Mapping[str, Any]) -> bool:
    context = event.context.as_dict()
    return all(context.get(key) in listed(value) for key, value in wanted.items())


def _parse(config: Mapping[str, Any], parsing: Parsing) -> Trigger:
    data = parsing.check(_SCHEMA, config, "an event trigger")
    return EventTrigger(
        event_types=tuple(data["event_type"]), data=data.get("event_data", {}), context=data.get("context", {})
    )


KIND = TriggerKind(name="event", parse=_parse)
