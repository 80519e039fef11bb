"""What a caller may do: the port ``Capabilities``. Policy is here, in code, after any model and before any device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.core.actions import ActionTable
from hub.core.callers import Caller, CallerKind, Capability
from hub.core.registry import Entity, Registries
from hub.security.sight import Sight
from hub.security.users import Role, User, Users


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a role gives.

    ``everything``: whatever there is, the hub itself included. The other roles may see and do what they were granted, and
    ``ungranted`` where nobody said what. ``sensitive``: what lets somebody in or causes harm needs no grant that names it.
    ``house``: whoever may see every entity may also see what belongs to the house as a whole.
    """

    everything: bool = False
    ungranted: tuple[Capability, ...] = ()
    sensitive: bool = False
    house: bool = False


_ANYTHING = (Capability(),)
_MASTERS = Rights(everything=True, ungranted=_ANYTHING, sensitive=True, house=True)
RIGHTS: Mapping[Role, Rights] = {
    Role.OWNER: _MASTERS,
    Role.ADMIN: _MASTERS,
    Role.USER: Rights(ungranted=_ANYTHING, sensitive=True, house=True),
    Role.GUEST: Rights(),
    Role.SERVICE: Rights(house=True),
}
EVERYDAY = frozenset(
    {
        "notify.persistent_notification",
        "persistent_notification.create",
        "persistent_notification.dismiss",
        "persistent_notification.dismiss_all",
        "scene.apply",
    }
)
"""What acts on the hub itself and is harmless: it needs no admin. ``scene.apply`` is checked again for each entity."""


class Policy:
    """Says what a caller may do, from what the hub knows of them and never from what a message says.

    - The hub itself may do everything.
    - A user may see and do what their role and their grants allow; what they cannot see is not there for them.
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

    def sees(self, caller: Caller, entity_id: str) -> bool:
        if caller.kind is CallerKind.USER or (caller.kind is CallerKind.AGENT and caller.user_id is not None):
            return self.sight(caller.user_id).sees(entity_id)
        return True  # automations and integrations speak for the house; their capabilities bound what they do

    def sight(self, user_id: str | None) -> Sight:
        """Return what a user may see; nobody sees nothing."""
        user = self._users.get(user_id)
        if user is None or not user.active:
            return Sight(self._registries, (), house=False)
        return Sight(self._registries, grants_of(user), house=RIGHTS[user.role].house)

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
        if rights.everything:
            return None
        covering = [grant for grant in grants_of(user) if self._covers(grant, action, entity)]
        if _is_named(covering, action):
            return None
        who = f"{user.name} is {user.role}"
        if entity is None and not (covering and action in EVERYDAY):
            return f"{who}: {action} acts on the hub itself and needs the role admin, or a capability that names it"
        if not covering:
            return f"{who}: no capability of theirs is for {action} on {entity.entity_id if entity else 'the hub'}"
        if self._is_sensitive(action, entity) and not rights.sensitive:
            return f"{who}: {action} is sensitive and needs a capability that names it"
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
        if entity is None:
            return not capability.bounded
        area = self._registries.area_of(entity)
        labels = self._registries.labels_of(entity)
        return capability.covers_entity(entity.entity_id, area.area_id if area else None, labels)

    def _is_sensitive(self, action: str, entity: Entity | None) -> bool:
        device_class = entity.device_class if entity else None
        return action in self._actions and self._actions.get(action).is_sensitive(device_class)


def grants_of(user: User) -> tuple[Capability, ...]:
    """Return what a user may see, with what they may do there."""
    rights = RIGHTS[user.role]
    return rights.ungranted if rights.everything or user.capabilities is None else user.capabilities


def _refusal_of_integration(caller: Caller, action: str, entity: Entity | None) -> str | None:
    own = action.partition(".")[0] == caller.id if entity is None else entity.integration == caller.id
    if own or caller.capabilities is not None:
        return None
    return f"The integration {caller.id} may act on its own entities only: {action} needs a capability"


def _is_named(capabilities: Iterable[Capability] | None, action: str) -> bool:
    return any(capability.action == action for capability in capabilities or ())
