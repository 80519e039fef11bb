"""Carrying out actions: the only way to a device. Check, audit, act, audit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from hub.adapters.attribution import RecentActions
from hub.adapters.behalf import ActingFor
from hub.adapters.interfaces import Actuator, EntityCall
from hub.adapters.patience import within
from hub.core.actions import Action, ActionDescription, ActionResult, ActionTable, Outcome, Target
from hub.core.bus import EventBus
from hub.core.callers import Caller
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import CALL_SERVICE, Event
from hub.core.ports import Audit, Capabilities
from hub.core.records import AuditEntry
from hub.core.registry import Entity, Registries
from hub.core.state import UNAVAILABLE
from hub.core.states import States
from hub.entities import check_limits, is_generic, translate
from hub.errors import ActionTimeout, AdapterError, HubError, InvalidInput, StorageError

_log = logging.getLogger(__name__)
_TARGET_KEYS = frozenset(Target.__dataclass_fields__)


class Owners(Protocol):
    """Finds the adapter that acts."""

    def actuator(self, entry_id: str | None) -> Actuator | None:
        """Return the running adapter of a config entry, if it can act."""

    def actuator_of(self, integration: str) -> Actuator | None:
        """Return a running adapter of an integration, if one can act."""


@dataclass(slots=True)
class Request:
    """One checked action: what, on which entities, why and for whom; ``unseen`` are named though the caller sees them not.

    Immutable by convention: one is made for every action.
    """

    action: Action
    description: ActionDescription
    entities: Sequence[Entity]
    context: Context
    caller: Caller
    unseen: Sequence[str] = ()


class Dispatcher:
    """Implements the port ``Actions``."""

    def __init__(
        self,
        table: ActionTable,
        registries: Registries,
        states: States,
        owners: Owners,
        capabilities: Capabilities,
        audit: Audit,
        recent: RecentActions,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._table = table
        self._registries = registries
        self._states = states
        self._owners = owners
        self._capabilities = capabilities
        self._audit = audit
        self._recent = recent
        self._bus = bus
        self._clock = clock

    async def call(self, action: Action, *, context: Context, caller: Caller) -> ActionResult:
        """Check, audit, carry out and audit again.

        The result says what the device or the caller's rights did. Raises UnknownAction or InvalidInput if the action
        itself is malformed.
        """
        if is_generic(action.name):
            return await self._call_generic(_with_target(action), context, caller)
        description = self._table.get(action.name)
        action = _with_target(action, description)
        action = Action(name=action.name, target=action.target, data=description.validate(action.data))
        if not description.entity:
            return await self._carry_out(Request(action, description, (), context, caller))
        direct, found, unseen = self._visible(action.target, caller, domain=description.domain)
        if unseen:
            return await self._carry_out(Request(action, description, (), context, caller, unseen))
        entities, problem = self._resolve(action, description, direct, found)
        if problem is not None:
            return ActionResult(outcome=Outcome.FAILED, error=problem, error_key="service_validation_error")
        return await self._carry_out(Request(action, description, entities, context, caller))

    async def _call_generic(self, action: Action, context: Context, caller: Caller) -> ActionResult:
        direct, found, unseen = self._visible(action.target, caller)
        by_action: dict[str, list[str]] = {}
        for entity_id in (*direct, *unseen, *found):
            name = translate(action.name, entity_id.partition(".")[0])
            if name is not None and name in self._table:
                by_action.setdefault(name, []).append(entity_id)
        results = [
            await self.call(
                replace(action, name=name, target=Target(entity_id=tuple(ids))), context=context, caller=caller
            )
            for name, ids in by_action.items()
        ]
        return _worst(results)

    def _visible(
        self, target: Target, caller: Caller, *, domain: str | None = None
    ) -> tuple[list[str], list[str], list[str]]:
        """Return the entities named directly, those found, and those named that the caller does not see.

        What is found but not seen is not there: nobody learns from an area what else is in it.
        """
        direct, found = self._registries.resolve(target, domain=domain)
        sees = self._capabilities.sees
        unseen = [entity_id for entity_id in direct if not sees(caller, entity_id)]
        if unseen:
            direct = [entity_id for entity_id in direct if entity_id not in unseen]
        return direct, [entity_id for entity_id in found if sees(caller, entity_id)], unseen

    def _resolve(
        self, action: Action, description: ActionDescription, direct: list[str], found: list[str]
    ) -> tuple[list[Entity], str | None]:
        chosen: list[Entity] = []
        for entity_id in (*direct, *found):
            entity = self._registries.entities.get(entity_id)
            problem = self._problem(entity_id, entity, description, action)
            if problem is None and entity is not None:
                chosen.append(entity)
            elif entity is None or entity.disabled_by:
                _log.warning("%s names %s, which does not exist or is disabled", action.name, entity_id)
            elif entity_id in direct and len(direct) + len(found) == 1:
                return [], problem
        return chosen, None

    def _problem(
        self, entity_id: str, entity: Entity | None, description: ActionDescription, action: Action
    ) -> str | None:
        if entity is None or entity.disabled_by:
            return f"{entity_id} does not exist or is disabled"
        if description.features and not entity.supported_features & description.features:
            return f"{entity_id} does not support {action.name}"
        state = self._states.get(entity_id)
        if state is None or state.state == UNAVAILABLE:
            return f"{self._registries.name_of(entity)} cannot be reached at the moment"
        try:
            check_limits(action.name, action.data, state.attributes)
        except InvalidInput as error:
            return str(error)
        return None

    async def _carry_out(self, request: Request) -> ActionResult:
        refusal = self._refusal(request)
        try:
            number = self._audit.intent(_audit_entry(request))
        except StorageError as error:
            return ActionResult(outcome=Outcome.REFUSED, error=f"Not done: {error}", error_key=error.key)
        if refusal is not None:
            result = ActionResult(outcome=Outcome.REFUSED, error=refusal, error_key="unauthorized")
        else:
            self._announce(request)
            with ActingFor(request.caller, request.context):
                result = await self._act(request)
        self._audit.outcome(number, result.outcome, {"error": result.error} if result.error else None)
        return result

    def _refusal(self, request: Request) -> str | None:
        if request.unseen:
            return f"Expected what {request.caller} may see, got {', '.join(request.unseen)}"
        targets: Sequence[Entity | None] = request.entities if request.description.entity else (None,)
        for entity in targets:
            refusal = self._capabilities.refusal(request.caller, request.action.name, entity)
            if refusal is not None:
                return refusal
        return None

    def _announce(self, request: Request) -> None:
        action, description = request.action, request.description
        for entity in request.entities:
            self._recent.note(entity.entity_id, request.context)
        shown = {**action.data, **action.target.as_dict()}
        data = {"domain": description.domain, "service": description.name, "service_data": shown}
        self._bus.publish(Event(CALL_SERVICE, data, request.context, self._clock.time()))

    async def _act(self, request: Request) -> ActionResult:
        if not request.description.entity:
            owner = self._owners.actuator_of(request.description.domain)
            call = EntityCall(action=request.action.name, data=request.action.data)
            return await self._execute(owner, call, (), request.description)
        by_entry: dict[str | None, list[Entity]] = {}
        for entity in request.entities:
            by_entry.setdefault(entity.config_entry_id, []).append(entity)
        calls = [
            self._execute(
                self._owners.actuator(entry_id),
                EntityCall(
                    action=request.action.name,
                    unique_ids=tuple([entity.unique_id for entity in entities]),
                    data=request.action.data,
                ),
                tuple([entity.entity_id for entity in entities]),
                request.description,
            )
            for entry_id, entities in by_entry.items()
        ]
        return await calls[0] if len(calls) == 1 else _worst(await asyncio.gather(*calls))

    async def _execute(
        self, owner: Actuator | None, call: EntityCall, entities: tuple[str, ...], description: ActionDescription
    ) -> ActionResult:
        if owner is None:
            error = f"Nothing that runs can carry out {call.action}"
            return ActionResult(
                outcome=Outcome.FAILED, entities=entities, error=error, error_key="home_assistant_error"
            )
        outcome = Outcome.ACCEPTED
        failure: HubError | None = None
        response: Mapping[str, Any] | None = None
        try:
            answer = await within(description.timeout, owner.execute(call))
            response = _by_entity_id(answer, call.unique_ids, entities)
        except TimeoutError:
            outcome, failure = (
                Outcome.UNKNOWN,
                ActionTimeout(f"No answer to {call.action} in {description.timeout:g} s"),
            )
        except ActionTimeout as error:
            outcome, failure = Outcome.UNKNOWN, error
        except HubError as error:
            outcome, failure = Outcome.FAILED, error
        except Exception as error:  # noqa: BLE001 - boundary: an adapter's defect fails its action only
            _log.exception("%s failed in its adapter", call.action)
            outcome, failure = Outcome.FAILED, AdapterError(f"The adapter failed: {error}")
        return ActionResult(
            outcome=outcome,
            entities=entities,
            response=response,
            error=str(failure) if failure else None,
            error_key=failure.key if failure else None,
        )


def _with_target(action: Action, description: ActionDescription | None = None) -> Action:
    """Move a target written inside the data, as older clients do, to its place.

    Where the action is no entity's, a field of such a name is its own (``logbook.log`` has an ``entity_id``).
    """
    if _TARGET_KEYS.isdisjoint(action.data):
        return action
    own = {item.name for item in description.fields} if description is not None and not description.entity else set()
    inside = {key: value for key, value in action.data.items() if key in _TARGET_KEYS and key not in own}
    target = Target.parse({**inside, **action.target.as_dict()})
    return replace(action, target=target, data={k: v for k, v in action.data.items() if k not in inside})


def _by_entity_id(
    response: Mapping[str, Any] | None, unique_ids: Sequence[str], entities: Sequence[str]
) -> Mapping[str, Any] | None:
    """Return what an adapter answered, which names its entities by unique ids, as the hub's callers know them."""
    if response is None:
        return None
    names = dict(zip(unique_ids, entities, strict=False))
    return {names.get(key, key): value for key, value in response.items()}


def _audit_entry(request: Request) -> AuditEntry:
    values = {
        key: value if isinstance(value, (bool, int, float)) else f"<{type(value).__name__}>"
        for key, value in request.action.data.items()
    }
    return AuditEntry(
        kind="action",
        subject=request.action.name,
        caller=str(request.caller),
        user_id=request.caller.user_id,
        context_id=request.context.id,
        detail={"entities": [*(entity.entity_id for entity in request.entities), *request.unseen], "data": values},
    )


_SEVERITY = (Outcome.ACCEPTED, Outcome.UNKNOWN, Outcome.FAILED, Outcome.REFUSED)


def _worst(results: Sequence[ActionResult]) -> ActionResult:
    """Return one result for several: all entities, all responses, and the worst outcome with its error."""
    if not results:
        return ActionResult(outcome=Outcome.ACCEPTED)
    worst = max(results, key=lambda result: _SEVERITY.index(result.outcome))
    responses = [result.response for result in results if result.response is not None]
    return ActionResult(
        outcome=worst.outcome,
        entities=tuple(entity for result in results for entity in result.entities),
        response={key: value for response in responses for key, value in response.items()} if responses else None,
        error=worst.error,
        error_key=worst.error_key,
    )
