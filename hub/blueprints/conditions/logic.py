"""``condition: and | or | not``, also written ``and: [...]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Condition, ConditionKind, Finding, PlacedCondition
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import anything, required

_SCHEMA = vol.Schema(required(conditions=anything))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogicCondition:
    """Several conditions together. ``decide`` is given their results one by one, and looks no further than it must."""

    decide: Callable[[Any], bool]
    conditions: tuple[PlacedCondition, ...]

    def find(self, look: Look) -> Finding:
        return Finding(result=self.decide(look.test(condition) for condition in self.conditions))


def _none(results: Any) -> bool:
    return not any(results)


def _parse(decide: Callable[[Any], bool], config: Mapping[str, Any], path: str, parsing: Parsing) -> Condition:
    data = parsing.check(_SCHEMA, config, f"the condition {path}")
    return LogicCondition(decide=decide, conditions=parsing.conditions(data["conditions"], f"{path}/conditions"))


KINDS = tuple(
    ConditionKind(name=name, parse=partial(_parse, decide))
    for name, decide in (("and", all), ("or", any), ("not", _none))
)
