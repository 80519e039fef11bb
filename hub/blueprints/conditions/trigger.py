"""``condition: trigger``: the run was started by one of these triggers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Condition, ConditionKind, Finding
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import required, texts

_SCHEMA = vol.Schema(required(id=texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerCondition:
    """The trigger's id is one of ``ids``."""

    ids: tuple[str, ...]

    def find(self, look: Look) -> Finding:
        trigger = look.variables.get("trigger")
        id_ = trigger.get("id") if isinstance(trigger, Mapping) else None
        return Finding(result=id_ in self.ids, compared={"id": id_, "wanted_id": list(self.ids)})


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Condition:
    data = parsing.check(_SCHEMA, config, f"the trigger condition {path}")
    return TriggerCondition(ids=tuple(data["id"]))


KIND = ConditionKind(name="trigger", parse=_parse)
