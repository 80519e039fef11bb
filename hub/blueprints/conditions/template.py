"""``condition: template``: a template renders ``true``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Condition, ConditionKind, Finding
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import required, text

_SCHEMA = vol.Schema(required(value_template=text))


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCondition:
    """The template renders true; the entities it looked at are noted with their states."""

    template: str

    def find(self, look: Look) -> Finding:
        info = look.ports.templates.render_info(self.template, look.variables, parse_result=False)
        known = (look.ports.states.get(entity_id) for entity_id in sorted(info.entities))
        seen = {state.entity_id: state.state for state in known if state is not None}
        compared = {"entities": sorted(info.entities), "rendered": info.result, "states": seen}
        return Finding(result=info.result.lower() == "true", compared=compared)


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Condition:
    data = parsing.check(_SCHEMA, config, f"the template condition {path}")
    return TemplateCondition(template=data["value_template"])


KIND = ConditionKind(name="template", parse=_parse)
