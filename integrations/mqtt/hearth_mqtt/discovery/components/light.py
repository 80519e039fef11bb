"""light: three schemas of one component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearth_mqtt.discovery.components.light_basic import BASIC_LIGHT
from hearth_mqtt.discovery.components.light_json import JSON_LIGHT
from hearth_mqtt.discovery.components.light_template import TEMPLATE_LIGHT
from hearth_mqtt.discovery.model import Component

_SCHEMAS: Mapping[str, Component] = {"basic": BASIC_LIGHT, "json": JSON_LIGHT, "template": TEMPLATE_LIGHT}


def light_of(config: Mapping[str, Any]) -> Component | None:
    """Return the light of the schema that a configuration names, or None if there is no such schema."""
    return _SCHEMAS.get(str(config.get("schema", "basic")).lower())
