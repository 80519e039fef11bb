"""``trigger: template``: a template becomes true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Fire, Trigger, TriggerKind, together
from hub.blueprints.holding import Holding
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import duration_text, required, text
from hub.blueprints.watching import TemplateWatch
from hub.core.bus import Unlisten
from hub.core.context import Context
from hub.core.events import StateChanged
from hub.templates import as_boolean

_SCHEMA = vol.Schema({**required(value_template=text), vol.Optional("for"): duration_text})
_KEY = "template"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateTrigger:
    """The template was not true, and becomes so."""

    template: str
    duration: Any = None

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        holding = Holding(look.ports.clock)

        def changed(result: Any, event: StateChanged | None, context: Context) -> None:
            now = as_boolean(result)
            before, state["true"] = state["true"], now
            if not now:
                holding.release(_KEY)
            elif not before:
                variables = _variables(event)
                seconds = look.seconds(self.duration) if self.duration is not None else 0.0
                variables["for"] = seconds or None
                holding.begin(_KEY, seconds, partial(fire, variables, context))

        watch = TemplateWatch(look, self.template, changed)
        state = {"true": as_boolean(watch.result)}
        return together(watch.stop, holding.clear)


def _variables(event: StateChanged | None) -> dict[str, Any]:
    return {
        "platform": "template",
        "entity_id": event.entity_id if event else None,
        "from_state": event.old if event else None,
        "to_state": event.new if event else None,
        "description": f"{event.entity_id} via template" if event else "time change or manual update via template",
    }


def _parse(config: Mapping[str, Any], parsing: Parsing) -> Trigger:
    data = parsing.check(_SCHEMA, config, "a template trigger")
    return TemplateTrigger(template=data["value_template"], duration=data.get("for"))


KIND = TriggerKind(name="template", parse=_parse)
