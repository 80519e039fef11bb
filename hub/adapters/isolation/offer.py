"""What an integration in another process offers, and the ``Integration`` that stands for it in the hub's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.adapters.interfaces import Adapter, Integration, Messenger, PictureSource
from hub.adapters.isolation import values
from hub.adapters.isolation.frames import PROTOCOL
from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.errors import HubError, ProcessFailed

ABILITIES: Mapping[str, type[Any]] = {"send_message": Messenger, "picture": PictureSource}
"""What tells adapters apart, by the method that does it. Triggers are named by the manifest; almost all act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is known of an integration without its code. ``abilities`` are those of the adapter, where there is one."""

    actions: tuple[ActionDescription, ...] = ()
    form: tuple[Field, ...] = ()
    probes: bool = False
    recognises: bool = False
    abilities: tuple[str, ...] = ()

    @staticmethod
    def of(integration: Integration, adapter: Adapter | None) -> Offer:
        """Return what this integration offers."""
        return Offer(
            actions=integration.actions,
            form=integration.form,
            probes=integration.probe is not None,
            recognises=integration.from_service is not None,
            abilities=tuple(name for name, kind in ABILITIES.items() if isinstance(adapter, kind)),
        )

    def written(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "protocol": PROTOCOL,
            "actions": [values.written_action(action) for action in self.actions],
            "form": [values.written_field(field) for field in self.form],
            "probes": self.probes,
            "recognises": self.recognises,
            "abilities": self.abilities,
        }

    @staticmethod
    def read(plain: Mapping[str, Any]) -> Offer:
        """Return the offer that was written.

        Raises ProcessFailed if it was written by another version of the hub.
        """
        if plain.get("protocol") != PROTOCOL:
            raise ProcessFailed(
                f"Expected version {PROTOCOL} of what the hub and its processes say, got {plain.get('protocol')}: "
                "install the hub's own version of hearth-hub in the environment of the integration"
            )
        return Offer(
            actions=tuple(values.action(item) for item in plain["actions"]),
            form=tuple(values.field(item) for item in plain["form"]),
            probes=plain["probes"],
            recognises=plain["recognises"],
            abilities=tuple(name for name in plain["abilities"] if name in ABILITIES),
        )


class Refusal(HubError):
    """An integration that must not be tried again as it is: ``broken`` if its code is, otherwise its settings are wrong."""

    key = "invalid_config"

    def __init__(self, message: str, *, broken: bool) -> None:
        super().__init__(message)
        self.broken = broken
