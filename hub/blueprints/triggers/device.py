"""``trigger: device``: something that a device announced happens at it: a button is pressed twice.

The integration that ``domain`` names listens, if it offers device triggers; those of any other never happen, as blueprints
for remote controls list the triggers of every integration that such a remote may be connected by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Fire, Trigger, TriggerKind
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.triggers.external import ExternalTrigger
from hub.core.bus import Unlisten
from hub.errors import InvalidInput

_SCHEMA = vol.Schema({vol.Required("domain"): str}, extra=vol.ALLOW_EXTRA)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTrigger:
    """What an integration is to listen for at a device: the rest of ``spec`` is its own (``type``, ``subtype``)."""

    domain: str
    spec: Mapping[str, Any]

    @property
    def platform(self) -> str:
        """The name by which an integration offers its device triggers."""
        return f"{self.domain}.device"

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        if not look.ports.triggers.offers(self.platform):
            return lambda: None
        return ExternalTrigger(platform=self.platform, spec={**self.spec, **self._device(look)}).attach(look, fire)

    def _device(self, look: Look) -> dict[str, Any]:
        """Return what the integration knows the device by."""
        device_id = str(look.ports.templates.render_complex(self.spec.get("device_id"), look.variables, limited=True))
        device = look.ports.registries.devices.get(device_id)
        if device is None:
            raise InvalidInput(f"Expected the id of a device, got {device_id!r}", path=("device_id",))
        identifiers = [identifier for integration, identifier in device.identifiers if integration == self.domain]
        return {"identifiers": identifiers, "connections": [list(pair) for pair in device.connections]}


def _parse(config: Mapping[str, Any], parsing: Parsing) -> Trigger:
    data = parsing.check(_SCHEMA, config, "a device trigger")
    return DeviceTrigger(domain=data["domain"], spec=data)


KIND = TriggerKind(name="device", parse=_parse)
