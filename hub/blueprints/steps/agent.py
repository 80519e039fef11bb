"""``agent:``: put a sentence before the local model; what it may do about it is bounded by the capabilities given here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Step, StepKind
from hub.blueprints.execution import Execution
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import anything, optional, required, text, texts
from hub.core.callers import CallerKind, Capability
from hub.core.records import Decision, StepRecord
from hub.errors import InvalidInput

DEFAULT_CONFIDENCE = 0.6
"""Below this nothing is carried out, unless the step says otherwise."""
MAX_COMMAND = 300
"""Characters of a sentence."""

_OUTER = vol.Schema({**required(agent=dict), **optional(response_variable=str)})
_AGENT = vol.Schema(
    {
        **required(command=text, capabilities=vol.All(list, vol.Length(min=1))),
        **optional(confidence=vol.All(vol.Coerce(float), vol.Range(0, 1)), language=text, area=anything),
    }
)
_SOME = vol.All(texts, vol.Length(min=1, msg="expected at least one, got none: leave the key out to mean any"))
_CAPABILITY = vol.Schema({**required(action=_SOME), **optional(domain=_SOME, area=_SOME, label=_SOME, entity=_SOME)})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStep:
    """Turn a sentence into actions within ``capabilities``. The sentence is data: rendered once, never again."""

    command: str
    capabilities: tuple[Capability, ...]
    confidence: float = DEFAULT_CONFIDENCE
    language: str | None = None
    area: str | None = None
    response_variable: str | None = None

    async def run(self, execution: Execution, record: StepRecord) -> None:
        templates, variables = execution.ports.templates, execution.variables
        command = str(templates.render(self.command, variables, parse_result=False)).strip()
        if not command or len(command) > MAX_COMMAND:
            raise InvalidInput(f"Expected a command of 1 to {MAX_COMMAND} characters, got {len(command)}")
        caller = replace(execution.caller, kind=CallerKind.AGENT, capabilities=self.capabilities)
        decision = await execution.ports.agent.command(
            command,
            context=execution.context,
            caller=caller,
            language=_some(execution.render(self.language)),
            area_id=_some(execution.render(self.area)),
            threshold=self.confidence,
        )
        record.decision = decision
        record.result = {"answer": decision.answer, "calls": [_call(call) for call in decision.calls]}
        if self.response_variable is not None:
            execution.assign(record, {self.response_variable: _response(decision)})


def _some(value: Any) -> str | None:
    """Return rendered text, None where there is none."""
    return str(value).strip() or None if value is not None else None


def _response(decision: Decision) -> dict[str, Any]:
    """Return a decision as a response variable."""
    return {
        "answer": decision.answer,
        "source": decision.source,
        "confidence": decision.confidence,
        "calls": [_call(call) for call in decision.calls],
    }


def _call(call: Any) -> dict[str, Any]:
    return {
        "action": call.action,
        "target": call.target,
        "data": call.data,
        "entities": list(call.entities),
        "outcome": call.outcome,
        "reason": call.reason,
        "confidence": call.confidence,
    }


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Step:
    outer = parsing.check(_OUTER, config, f"the agent step {path}")
    data = parsing.check(_AGENT, outer["agent"], f"the agent step {path}")
    items = enumerate(data["capabilities"])
    return AgentStep(
        command=data["command"],
        capabilities=tuple(one for index, item in items for one in _capabilities(item, f"{path}/{index}", parsing)),
        confidence=data.get("confidence", DEFAULT_CONFIDENCE),
        language=data.get("language") or None,
        area=data.get("area") or None,
        response_variable=outer.get("response_variable"),
    )


def _capabilities(config: Any, path: str, parsing: Parsing) -> list[Capability]:
    data = parsing.check(_CAPABILITY, config, f"the capability {path}")
    bounds = {
        "domains": tuple(data.get("domain", ())),
        "areas": tuple(data.get("area", ())),
        "labels": tuple(data.get("label", ())),
        "entities": tuple(data.get("entity", ())),
    }
    return [Capability(action=action, **bounds) for action in data["action"]]


KIND = StepKind(name="agent", keys=("agent",), parse=_parse)
