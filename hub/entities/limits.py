"""The limits that an entity sets itself: an option it has, a temperature it reaches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.errors import InvalidInput

_RANGES: Mapping[tuple[str, str], tuple[str, str]] = {  # (action, field): attributes with the lowest and highest value
    ("climate.set_humidity", "humidity"): ("min_humidity", "max_humidity"),
    ("climate.set_temperature", "target_temp_high"): ("min_temp", "max_temp"),
    ("climate.set_temperature", "target_temp_low"): ("min_temp", "max_temp"),
    ("climate.set_temperature", "temperature"): ("min_temp", "max_temp"),
    ("number.set_value", "value"): ("min", "max"),
}
_CHOICES: Mapping[tuple[str, str], str] = {  # (action, field): attribute with the values to choose from
    ("climate.set_fan_mode", "fan_mode"): "fan_modes",
    ("climate.set_hvac_mode", "hvac_mode"): "hvac_modes",
    ("climate.set_preset_mode", "preset_mode"): "preset_modes",
    ("climate.set_swing_horizontal_mode", "swing_horizontal_mode"): "swing_horizontal_modes",
    ("climate.set_swing_mode", "swing_mode"): "swing_modes",
    ("climate.set_temperature", "hvac_mode"): "hvac_modes",
    ("fan.set_preset_mode", "preset_mode"): "preset_modes",
    ("fan.turn_on", "preset_mode"): "preset_modes",
    ("media_player.select_sound_mode", "sound_mode"): "sound_mode_list",
    ("media_player.select_source", "source"): "source_list",
    ("select.select_option", "option"): "options",
}


def choices_of(action_name: str, field: str, attributes: Mapping[str, Any]) -> list[str] | None:
    """Return the values that an entity with these attributes takes for a field, or None if it does not list any."""
    listed = attributes.get(_CHOICES.get((action_name, field), ""))
    return list(listed) if listed else None


def range_of(action_name: str, field: str, attributes: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the lowest and highest value that an entity with these attributes takes for a field, or None."""
    low, high = _RANGES.get((action_name, field), ("", ""))
    values = attributes.get(low), attributes.get(high)
    return None if None in values else values  # type: ignore[return-value] # both are numbers


def check_limits(action_name: str, data: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Check an action's data against what one entity says of itself in its attributes.

    Raises InvalidInput naming the field, what the entity takes and what came.
    """
    for field, value in data.items():
        choices = choices_of(action_name, field, attributes)
        if choices is not None and value not in choices:
            raise InvalidInput(f"Expected {field} to be one of {', '.join(choices)}, got {value!r}", path=(field,))
        limits = range_of(action_name, field, attributes)
        if limits is not None and not limits[0] <= value <= limits[1]:
            raise InvalidInput(f"Expected {field} from {limits[0]} to {limits[1]}, got {value}", path=(field,))
    if action_name == "text.set_value":
        _check_text(data["value"], attributes)


def _check_text(value: str, attributes: Mapping[str, Any]) -> None:
    low, high = attributes.get("min") or 0, attributes.get("max") or 255
    if not low <= len(value) <= high:
        raise InvalidInput(f"Expected a text of {low} to {high} characters, got {len(value)}", path=("value",))
    pattern = attributes.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        raise InvalidInput(f"Expected a text that matches {pattern}, got {value!r}", path=("value",))
