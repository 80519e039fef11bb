"""``choose:`` and ``if:``: do what the first conditions that hold say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import PlacedCondition, PlacedStep, Step, StepKind
from hub.blueprints.execution import Execution
from hub.blueprints.parsing import Parsing, renamed
from hub.blueprints.values import anything, listed, optional, required
from hub.config.validation import refused
from hub.core.records import StepRecord

_CHOOSE = vol.Schema({**required(choose=anything), **optional(default=anything)})
_OPTION = vol.Schema({**required(conditions=anything, sequence=anything), **optional(alias=anything)})
_IF = vol.Schema({vol.Required("if"): anything, **required(then=anything), vol.Optional("else"): anything})


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Conditions, and what to do if they hold."""

    path: str
    conditions: tuple[PlacedCondition, ...]
    steps: tuple[PlacedStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseStep:
    """Carry out the first option whose conditions hold, otherwise the default."""

    options: tuple[Option, ...]
    default: tuple[PlacedStep, ...] | None

    async def run(self, execution: Execution, record: StepRecord) -> None:
        for index, option in enumerate(self.options):
            if _holds(execution, option):
                record.result = {"choice": index}
                await execution.perform(option.steps)
                return
        if self.default is not None:
            record.result = {"choice": "default"}
            await execution.perform(self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class IfStep:
    """Carry out one of two sequences."""

    conditions: tuple[PlacedCondition, ...]
    then: tuple[PlacedStep, ...]
    otherwise: tuple[PlacedStep, ...] | None

    async def run(self, execution: Execution, record: StepRecord) -> None:
        if execution.test_all(self.conditions):
            record.result = {"choice": "then"}
            await execution.perform(self.then)
        elif self.otherwise is not None:
            record.result = {"choice": "else"}
            await execution.perform(self.otherwise)


def _holds(execution: Execution, option: Option) -> bool:
    record = execution.begin(option.path, "option")
    result = execution.test_all(option.conditions)
    record.result = {"result": result}
    record.finished = execution.ports.clock.time()
    return result


def _choose(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    data = parsing.check(_CHOOSE, config, f"the choose {path}")
    options = enumerate(listed(data["choose"]))
    default = data.get("default")
    return ChooseStep(
        options=tuple(_option(option, f"{path}/choose/{index}", parsing) for index, option in options),
        default=parsing.steps(default, f"{path}/default") if default is not None else None,
    )


def _option(config: Any, path: str, parsing: Parsing) -> Option:
    if not isinstance(config, Mapping):
        raise refused(config, f"Expected conditions and a sequence at {path}, got {config!r}")
    data = parsing.check(_OPTION, renamed(config, condition="conditions"), f"the option {path}")
    return Option(
        path=path,
        conditions=parsing.conditions(data["conditions"], f"{path}/conditions"),
        steps=parsing.steps(data["sequence"], f"{path}/sequence"),
    )


def _if(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    data = parsing.check(_IF, config, f"the if {path}")
    otherwise = data.get("else")
    return IfStep(
        conditions=parsing.conditions(data["if"], f"{path}/if/condition"),
        then=parsing.steps(data["then"], f"{path}/then"),
        otherwise=parsing.steps(otherwise, f"{path}/else") if otherwise is not None else None,
    )


KINDS = (
    StepKind(name="choose", keys=("choose",), parse=_choose),
    StepKind(name="if", keys=("if",), parse=_if),
)
