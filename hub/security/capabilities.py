"""What a caller may do: the port ``Capabilities``. Policy is here, in code, after any model and before any device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.core.actions import ActionTable
from hub.core.callers import Caller, CallerKind, Capability
from hub.core.registry import Entity, Registries
from hub.security.users import Role, Users


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a role may do besides reading.

    ``control`` devices; ``sensitive``: also what lets somebody in or causes harm; ``hub``: act on the hub itself.
    """

    control: bool = False
    sensitive: bool = False
    hub: bool = False


_EVERYTHING = Rights(control=True, sensitive=True, hub=True)
RIGHTS: Mapping[Role, Rights] = {
    Role.OWNER: _EVERYTHING,
    Role.ADMIN: _EVERYTHING,
    Role.USER: Rights(control=True),
    Role.SERVICE: Rights(control=True),
    Role.GUEST: Rights(),
}


class Policy:
    """Says what a caller may do, from what the hub knows of them and never from what a message says.

    - The hub itself may do everything.
    - A user may do what their role allows.
    - An automation may do everything if it declares no capabilities, else what they cover.
    - An agent may do what its user's role allows and its step's capabilities cover. A capability for something sensitive
      has to name the action in full, a wildcard is not enough; so has one for acting on the hub itself, which nobody's
      role gives an agent.
    - An integration may act on its own entities, and beyond them as its capabilities cover.

    Capabilities that the caller carries always narrow, never widen.
    """

    def __init__(self, users: Users, registries: Registries, actions: ActionTable) -> None:
        self._users = users
        self._registries = registries
        self._actions = actions

    def refusal(self, caller: Caller, action: str, entity: Entity | None) -> str | None:
        return self._refusal_of_kind(caller, action, entity) or self._refusal_of_grant(caller, action, entity)

    def _refusal_of_kind(self, caller: Caller, action: str, entity: Entity | None) -> str | None:
        match caller.kind:
            case CallerKind.SYSTEM | CallerKind.AUTOMATION:
                return None
            case CallerKind.USER:
                return self._refusal_of_role(caller.user_id, action, entity)
            case CallerKind.INTEGRATION:
                return _refusal_of_integration(caller, action, entity)
            case CallerKind.AGENT:
                return self._refusal_of_agent(caller, action, entity)

    def _refusal_of_role(self, user_id: str | None, action: str, entity: Entity | None) -> str | None:
        user = self._users.get(user_id)
        if user is None or not user.active:
            return "Expected a user who may log in, but there is none behind this"
        rights = RIGHTS[user.role]
        if not (rights.hub if entity is None else rights.control):
            return f"{user.name} is {user.role}: {action} needs the role {_least_role(entity)}"
        if self._is_sensitive(action, entity) and not rights.sensitive:
            return f"{user.name} is {user.role}: {action} is sensitive and needs the role admin"
        return None

    def _refusal_of_agent(self, caller: Caller, action: str, entity: Entity | None) -> str | None:
        if caller.user_id is None and caller.capabilities is None:
            return "Expected a user or capabilities behind the agent: without them it may do nothing"
        careful = entity is None or (caller.capabilities is not None and self._is_sensitive(action, entity))
        if careful and not _is_named(caller.capabilities, action):
            return f"An agent may do {action} only where a capability names it in full"
        return None if caller.user_id is None else self._refusal_of_role(caller.user_id, action, entity)

    def _refusal_of_grant(self, caller: Caller, action: str, entity: Entity | None) -> str | None:
        if caller.capabilities is None or any(self._covers(item, action, entity) for item in caller.capabilities):
            return None
        where = f" on {entity.entity_id}" if entity else ""
        return f"{caller.id} was granted no capability for {action}{where}"

    def _covers(self, capability: Capability, action: str, entity: Entity | None) -> bool:
        if not capability.covers_action(action):
            return False
        if entity is None:  # where it is limited to some entities, it is not about the hub
            return not (capability.domains or capability.areas or capability.labels or capability.entities)
        area = self._registries.area_of(entity)
        labels = self._registries.labels_of(entity)
        return capability.covers_entity(entity.entity_id, area.area_id if area else None, labels)

    def _is_sensitive(self, action: str, entity: Entity | None) -> bool:
        device_class = entity.device_class if entity else None
        return action in self._actions and self._actions.get(action).is_sensitive(device_class)


def _refusal_of_integration(caller: Caller, action: str, entity: Entity | None) -> str | None:
    own = action.partition(".")[0] == caller.id if entity is None else entity.integration == caller.id
    if own or caller.capabilities is not None:
        return None
    return f"The integration {caller.id} may act on its own entities only: {action} needs a capability"


def _is_named(capabilities: Iterable[Capability] | None, action: str) -> bool:
    return any(capability.action == action for capability in capabilities or ())


def _least_role(entity: Entity | None) -> str:
    return Role.ADMIN if entity is None else Role.USER
