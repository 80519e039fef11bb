"""Actions: requests to change something. What they are, how they are described, and how their targets are resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

import voluptuous as vol

from hub.core.fields import Field, FieldsCheck, bits
from hub.errors import InvalidInput, UnknownAction

_TARGET_KEYS = ("entity_id", "device_id", "area_id", "floor_id", "label_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an action is aimed at: entities directly, or by device, area, floor or label. ``("all",)`` is every entity."""

    entity_id: tuple[str, ...] = ()
    device_id: tuple[str, ...] = ()
    area_id: tuple[str, ...] = ()
    floor_id: tuple[str, ...] = ()
    label_id: tuple[str, ...] = ()

    @staticmethod
    def parse(value: Mapping[str, Any] | None) -> Target:
        """Return the target written as ``{"entity_id": "light.a" | [..] | "light.a, light.b", "area_id": ..}``.

        Raises InvalidInput for another key or something that is not text.
        """
        value = {} if value is None else value
        unknown = set(value) - set(_TARGET_KEYS)
        if unknown:
            raise InvalidInput(f"Expected a target of {', '.join(_TARGET_KEYS)}, got {', '.join(map(str, unknown))}")
        return Target(**{key: _names(key, value[key]) for key in value})

    def as_dict(self) -> dict[str, list[str]]:
        """Return the keys that are set, as lists."""
        shown: dict[str, list[str]] = {}
        if self.entity_id:
            shown["entity_id"] = list(self.entity_id)
        if self.device_id or self.area_id or self.floor_id or self.label_id:
            shown.update((key, list(names)) for key in _TARGET_KEYS if (names := getattr(self, key)))
        return shown

    def __bool__(self) -> bool:
        return any(getattr(self, key) for key in _TARGET_KEYS)


def _names(key: str, value: Any) -> tuple[str, ...]:
    if value is None or value == "none":
        return ()
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) for item in items):
        raise InvalidInput(f"Expected text or a list of texts, got {value!r}", path=("target", key))
    return tuple(item.strip() for item in items if item.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A request to change something: ``light.turn_on`` at a target with data."""

    name: str
    target: Target = Target()
    data: Mapping[str, Any] = field(default_factory=dict)


class Outcome(StrEnum):
    """How an action ended: done by the device, not allowed, not possible, or nobody can say."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(slots=True, kw_only=True)
class ActionResult:
    """What became of an action. ``entities`` were addressed; ``response`` is what devices answered, by entity id or plain.

    Immutable by convention: freezing what is made for every action would cost as much as making it.
    """

    outcome: Outcome
    entities: tuple[str, ...] = ()
    response: Mapping[str, Any] | None = None
    error: str | None = None
    error_key: str | None = None

    @property
    def ok(self) -> bool:
        """True if it was accepted."""
        return self.outcome is Outcome.ACCEPTED


class ResponseMode(StrEnum):
    """Whether an action returns data."""

    NONE = "none"
    OPTIONAL = "optional"
    ONLY = "only"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDescription:
    """An action on offer.

    ``entity`` says that it acts on entities of ``domain``; otherwise it is carried out by the integration named by
    ``domain`` or by the hub itself. ``features``: an entity needs one of these bits (0: none needed). ``timeout`` in
    seconds bounds the wait for devices. ``sensitive`` marks what lets somebody in or causes harm (unlock, disarm);
    ``sensitive_classes`` are the device classes of entities for which it does (open: a garage, not a curtain). Of each group in ``exclusive`` at most one field may be given, of ``at_least_one`` at least one.
    """

    domain: str
    name: str
    fields: tuple[Field, ...] = ()
    features: int = 0
    entity: bool = True
    response: ResponseMode = ResponseMode.NONE
    description: str = ""
    timeout: float = 10.0
    sensitive: bool = False
    sensitive_classes: frozenset[str] = frozenset()
    exclusive: tuple[tuple[str, ...], ...] = ()
    at_least_one: tuple[str, ...] = ()
    _check: FieldsCheck | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def full_name(self) -> str:
        """``domain.name``."""
        return f"{self.domain}.{self.name}"

    def is_sensitive(self, device_class: str | None) -> bool:
        """Say whether it lets somebody in or causes harm, done to an entity of this device class."""
        return self.sensitive or device_class in self.sensitive_classes

    def validate(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data in its canonical form.

        Raises InvalidInput naming the field, what was expected and what came.
        """
        try:
            checked = self._compiled()(data)
        except vol.Invalid as error:
            first = error.errors[0] if isinstance(error, vol.MultipleInvalid) else error
            raise InvalidInput(f"{first} for {self.full_name}", path=tuple(str(part) for part in first.path)) from None
        self._check_groups(checked)
        return checked

    def _compiled(self) -> FieldsCheck:
        """Return what checks the data, made at the first use: for most actions it is never needed."""
        if self._check is None:
            object.__setattr__(self, "_check", FieldsCheck(self.fields))
        return cast("FieldsCheck", self._check)

    def _check_groups(self, data: Mapping[str, Any]) -> None:
        for group in self.exclusive:
            given = [name for name in group if name in data]
            if len(given) > 1:
                raise InvalidInput(f"Expected only one of {', '.join(given)} for {self.full_name}", path=(given[1],))
        if self.at_least_one and not any(name in data for name in self.at_least_one):
            raise InvalidInput(f"Expected one of {', '.join(self.at_least_one)} for {self.full_name}, got none")

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``get_services`` shows it."""
        shown: dict[str, Any] = {
            "name": self.name.replace("_", " ").capitalize(),
            "description": self.description,
            "fields": {item.name: item.as_dict() for item in self.fields},
        }
        if self.entity:
            supported = {"supported_features": bits(self.features)} if self.features else {}
            shown["target"] = {"entity": [{"domain": [self.domain], **supported}]}
        if self.response is not ResponseMode.NONE:
            shown["response"] = {"optional": self.response is ResponseMode.OPTIONAL}
        return shown


class ActionTable:
    """Every action on offer, by name."""

    def __init__(self, descriptions: Iterable[ActionDescription] = ()) -> None:
        self._actions: dict[str, ActionDescription] = {}
        self._of_domain: dict[str, dict[str, ActionDescription]] = {}
        for description in descriptions:
            self.add(description)

    def add(self, description: ActionDescription) -> None:
        """Offer an action; a later description of the same name replaces the earlier."""
        self._actions[description.full_name] = description
        self._of_domain.setdefault(description.domain, {})[description.name] = description

    def remove(self, name: str) -> None:
        """Stop offering an action."""
        description = self._actions.pop(name, None)
        if description is not None:
            del self._of_domain[description.domain][description.name]

    def get(self, name: str) -> ActionDescription:
        """Return the action's description.

        Raises UnknownAction.
        """
        try:
            return self._actions[name]
        except KeyError:
            raise UnknownAction(f"Expected a known action, got {name!r}: no integration or domain offers it") from None

    def of_domain(self, domain: str) -> Iterable[ActionDescription]:
        """Return the actions of a domain."""
        return self._of_domain.get(domain, {}).values()

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    def __iter__(self) -> Iterator[ActionDescription]:
        return iter(self._actions.values())
