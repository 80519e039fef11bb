"""``action: light.turn_on`` (older: ``service:``): a request to change something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Step, StepKind
from hub.blueprints.execution import Execution
from hub.blueprints.parsing import Parsing, renamed
from hub.blueprints.values import anything, optional, required, text
from hub.config.validation import refused
from hub.core.actions import Action, ActionResult, Outcome, Target
from hub.core.records import StepRecord
from hub.errors import ActionTimeout, AdapterError, HubError, InvalidInput, Refused
from hub.templates import has_template, is_template

_SCHEMA = vol.Schema(
    {
        **required(action=text),
        **optional(target=anything, data=anything, data_template=anything, entity_id=anything, response_variable=str),
    }
)
_ERRORS: Mapping[Outcome, type[HubError]] = {Outcome.REFUSED: Refused, Outcome.UNKNOWN: ActionTimeout}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStep:
    """An action; its name, target and data may be templates, in whole or in part.

    ``fixed`` is the action if none is, ``shown`` how traces show that one.
    """

    action: str
    target: Any = None
    data: Any = None
    response_variable: str | None = None
    fixed: Action | None = None
    shown: Mapping[str, Any] | None = None

    async def run(self, execution: Execution, record: StepRecord) -> None:
        action = self.fixed or _made(*(execution.render(value) for value in (self.action, self.target, self.data)))
        noted: dict[str, Any] = {"params": self.shown or _params(action), "running_script": False}
        record.result = noted
        result = await execution.ports.actions.call(action, context=execution.context, caller=execution.caller)
        noted["outcome"], noted["entities"] = str(result.outcome), list(result.entities)
        if not result.ok:
            raise _failure(action, result)
        if self.response_variable is not None:
            execution.assign(record, {self.response_variable: dict(result.response or {})})


def _made(action: Any, target: Any, data: Any) -> Action:
    name = str(action).strip().lower()
    if name.count(".") != 1:
        raise InvalidInput(f"Expected an action such as light.turn_on, got {name!r}")
    return Action(name=name, target=Target.parse(_mapping(target, "target", name)), data=_mapping(data, "data", name))


def _mapping(value: Any, what: str, name: str) -> Mapping[str, Any]:
    if value in (None, "", []):
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput(f"Expected a mapping as the {what} of {name}, got {value!r}")
    return value


def _params(action: Action) -> dict[str, Any]:
    """Return the action as Home Assistant's traces show it."""
    domain, _, service = action.name.partition(".")
    return {"domain": domain, "service": service, "service_data": action.data, "target": action.target.as_dict()}


def _failure(action: Action, result: ActionResult) -> HubError:
    error = _ERRORS.get(result.outcome, AdapterError)
    return error(result.error or f"{action.name} was {result.outcome.value}")


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    data = parsing.check(_SCHEMA, renamed(config, service="action"), f"the action {path}")
    _check_name(config, data["action"], path)
    target = data.get("target")
    if data.get("entity_id") not in (None, "", []):
        target = {**(target if isinstance(target, Mapping) else {}), "entity_id": data["entity_id"]}
    parts = (data["action"], target, _merged(data.get("data"), data.get("data_template")))
    fixed = None if any(map(has_template, parts)) else _fixed(*parts)
    return ActionStep(
        action=parts[0],
        target=parts[1],
        data=parts[2],
        response_variable=data.get("response_variable"),
        fixed=fixed,
        shown=None if fixed is None else _params(fixed),
    )


def _fixed(action: Any, target: Any, data: Any) -> Action | None:
    try:
        return _made(action, target, data)
    except InvalidInput:  # said when the step is carried out: the other steps may still be of use
        return None


def _check_name(config: Mapping[str, Any], name: str, path: str) -> None:
    if not is_template(name) and name.count(".") != 1:
        key = "action" if "action" in config else "service"
        raise refused(config, f"Expected an action such as light.turn_on at {path}, got {name!r}", [key])


def _merged(data: Any, older: Any) -> Any:
    if isinstance(data, Mapping) and isinstance(older, Mapping):
        return {**older, **data}
    return older if data in (None, "", {}) else data


KIND = StepKind(name="action", keys=("action", "service"), parse=_parse)
