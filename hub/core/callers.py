"""Who asks for an action, and what they were granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class CallerKind(StrEnum):
    """What kind of party asks."""

    USER = "user"
    AUTOMATION = "automation"
    AGENT = "agent"
    INTEGRATION = "integration"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One thing a caller may do: actions matching ``action`` (``light.*``) on the entities that match the rest.

    An empty tuple means any. ``domains`` are entity domains, ``areas`` and ``labels`` are ids, ``entities`` are entity ids
    or patterns (``light.kitchen_*``). With no action (``""``) it is about seeing alone.
    """

    action: str = "*"
    domains: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()

    def covers_action(self, action: str) -> bool:
        """Say whether this capability is about the action at all."""
        return fnmatchcase(action, self.action)

    def covers_entity(self, entity_id: str, area_id: str | None, labels: frozenset[str]) -> bool:
        """Say whether this capability is about the entity."""
        return (
            (not self.domains or entity_id.partition(".")[0] in self.domains)
            and (not self.areas or area_id in self.areas)
            and (not self.labels or not labels.isdisjoint(self.labels))
            and (not self.entities or any(fnmatchcase(entity_id, pattern) for pattern in self.entities))
        )

    @property
    def bounded(self) -> bool:
        """True if it is about some entities only, and so not about the hub itself."""
        return bool(self.domains or self.areas or self.labels or self.entities)

    def as_dict(self) -> Mapping[str, object]:
        """Return it as a blueprint writes it."""
        named = {"domain": self.domains, "area": self.areas, "label": self.labels, "entity": self.entities}
        return {"action": self.action, **{key: list(value) for key, value in named.items() if value}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks.

    ``id`` is a user id, an automation's entity id or an integration's name. ``user_id`` is the user in whose name it
    happens, if any: their role is looked up, never taken from a message. ``capabilities`` narrows what the caller may do;
    None leaves what its kind and user may do.
    """

    kind: CallerKind
    id: str
    user_id: str | None = None
    capabilities: tuple[Capability, ...] | None = None

    def __str__(self) -> str:
        """Return it as the audit log names it: ``user:<id>``."""
        return f"{self.kind}:{self.id}"

    @staticmethod
    def user(user_id: str) -> Caller:
        """Return a user as the caller."""
        return Caller(kind=CallerKind.USER, id=user_id, user_id=user_id)


SYSTEM = Caller(kind=CallerKind.SYSTEM, id="system")
