"""A stage for scenarios: states, time, triggers, actions and an agent that are all in memory and do as they are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hub.blueprints.ports import Ports
from hub.core.actions import Action, ActionResult, Outcome, Target
from hub.core.bus import EventBus, Unlisten
from hub.core.callers import Caller
from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.ports import Migrate
from hub.core.records import Decision, ToolCall
from hub.core.registry import Entity, Registries
from hub.core.states import States
from hub.templates import Templates


class Stage:
    """A small home. ``home`` maps entity ids to states, or to mappings with state, attributes and area."""

    def __init__(self, home: Mapping[str, Any], replies: Mapping[str, Any], start: dt.datetime) -> None:
        self.clock = SimulatedClock(start.timestamp())
        self.bus = EventBus()
        self.states = States(self.bus, self.clock)
        self.registries = Registries.open(_InMemory, self.bus, self.clock)
        self.templates = Templates(self.states, self.registries, self.clock, dt.UTC)
        self.actions = RecordedActions()
        self.triggers = StagedTriggers()
        self.ports = Ports(
            bus=self.bus,
            states=self.states,
            registries=self.registries,
            templates=self.templates,
            actions=self.actions,
            agent=ScriptedAgent(replies, self.actions, self.registries),
            triggers=self.triggers,
            clock=self.clock,
        )
        for entity_id, state in home.items():
            self.set(entity_id, state)

    def set(self, entity_id: str, state: Any) -> None:
        """Let an entity report a state."""
        row = state if isinstance(state, Mapping) else {"state": state}
        domain, _, object_id = entity_id.partition(".")
        area = self.registries.areas.ensure(row["area"]).area_id if "area" in row else None
        self.registries.entities.ensure(
            integration="scenario",
            unique_id=entity_id,
            domain=domain,
            suggested=object_id,
            **({"area_id": area} if area else {}),
        )
        self.states.set(entity_id, str(row["state"]), row.get("attributes", {}), context=Context("scenario"))

    def take_actions(self) -> list[Action]:
        """Return the actions called since the last time."""
        taken, self.actions.calls = self.actions.calls, []
        return taken


class RecordedActions:
    """Accepts every action and remembers it."""

    def __init__(self) -> None:
        self.calls: list[Action] = []

    async def call(self, action: Action, *, context: Context, caller: Caller) -> ActionResult:
        self.calls.append(action)
        return ActionResult(outcome=Outcome.ACCEPTED, entities=action.target.entity_id)


class StagedTriggers:
    """Offers every trigger; ``fire`` lets happen what it is told."""

    def __init__(self) -> None:
        self._listening: list[tuple[str, Mapping[str, Any], Callable[[Mapping[str, Any]], None]]] = []

    def offers(self, platform: str) -> bool:
        return True

    def listen(self, platform: str, spec: Mapping[str, Any], fire: Callable[[Mapping[str, Any]], None]) -> Unlisten:
        row = (platform, spec, fire)
        self._listening.append(row)
        return lambda: self._listening.remove(row)

    def fire(self, variables: Mapping[str, Any]) -> None:
        """Tell those who listen for this platform and whose spec agrees with ``variables`` in what both have."""
        for platform, spec, fire in list(self._listening):
            if platform == variables["platform"] and all(
                variables.get(key, value) == value for key, value in spec.items()
            ):
                fire(variables)


class ScriptedAgent:
    """Answers known sentences as written, within the caller's capabilities and the threshold as a real agent must."""

    def __init__(self, replies: Mapping[str, Any], actions: RecordedActions, registries: Registries) -> None:
        self._replies = replies
        self._actions = actions
        self._registries = registries

    async def command(
        self,
        text: str,
        *,
        context: Context,
        caller: Caller,
        language: str | None,
        area_id: str | None,
        threshold: float,
    ) -> Decision:
        reply = self._replies.get(text, {})
        confidence = float(reply.get("confidence", 1.0))
        calls = []
        for row in reply.get("calls", ()):
            action = Action(name=row["action"], target=Target.parse(row.get("target")), data=row.get("data", {}))
            outcome = "proposed" if confidence < threshold else await self._carry_out(action, context, caller)
            calls.append(_tool_call(action, outcome, confidence))
        answer = str(reply.get("answer", ""))
        return Decision(question=text, source="scenario", calls=tuple(calls), confidence=confidence, answer=answer)

    async def _carry_out(self, action: Action, context: Context, caller: Caller) -> str:
        direct, found = self._registries.resolve(action.target, domain=action.name.partition(".")[0])
        entities = [self._registries.entities.get(entity_id) for entity_id in (*direct, *found)]
        if not entities or not all(
            entity is not None and self._may(caller, action.name, entity) for entity in entities
        ):
            return Outcome.REFUSED.value
        within = replace(action, target=Target(entity_id=(*direct, *found)))
        return (await self._actions.call(within, context=context, caller=caller)).outcome.value

    def _may(self, caller: Caller, action: str, entity: Entity) -> bool:
        area, labels = self._registries.area_of(entity), self._registries.labels_of(entity)
        return any(
            capability.covers_action(action)
            and capability.covers_entity(entity.entity_id, area.area_id if area else None, labels)
            for capability in caller.capabilities or ()
        )


def _tool_call(action: Action, outcome: str, confidence: float) -> ToolCall:
    return ToolCall(
        action=action.name,
        target=action.target.as_dict(),
        data=action.data,
        entities=action.target.entity_id,
        outcome=outcome,
        confidence=confidence,
    )


class _InMemory:
    """A store that keeps nothing."""

    def __init__(self, name: str) -> None:
        self._name = name

    def load(self, version: int, migrate: Migrate) -> dict[str, Any] | None:
        return None

    def save(self, version: int, data: Callable[[], dict[str, Any]]) -> None:
        return
