"""An entity domain as data: what its state may be, its attributes, features and actions.

From a domain come the validation of actions, ``get_services``, forms, and the agent's tools.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

from hub.core.actions import ActionDescription
from hub.core.state import UNAVAILABLE, UNKNOWN


class NoFeature(IntFlag):
    """A domain without features."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of a domain's states: its meaning, its unit, and whether it is static (a capability)."""

    name: str
    description: str = ""
    unit: str | None = None
    capability: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """An entity domain.

    ``states`` are the values that ``state`` may have (None: any); ``device_classes`` are those known, with Home Assistant's
    names.
    """

    name: str
    actions: tuple[ActionDescription, ...] = ()
    states: frozenset[str] | None = None
    features: type[IntFlag] = NoFeature
    attributes: tuple[Attribute, ...] = ()
    device_classes: frozenset[str] = field(default_factory=frozenset)

    def accepts(self, state: str) -> bool:
        """Say whether an entity of this domain may have this state."""
        return self.states is None or state in self.states or state in (UNKNOWN, UNAVAILABLE)

    def attribute(self, name: str) -> Attribute | None:
        """Return the description of an attribute, or None."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)

    def state_attributes(self, features: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the attributes of a state: ``values``, and the feature bits where the domain has features."""
        return {**values, "supported_features": features} if self.features is not NoFeature else dict(values)
