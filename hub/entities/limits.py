"""The limits that an entity sets itself: an option it has, a temperature it reaches, a field it knows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from hub.entities.codes import check_code, matches
from hub.entities.todo import TodoListFeature
from hub.entities.update import UpdateFeature
from hub.entities.weather import WeatherFeature
from hub.errors import InvalidInput

_RANGES: Mapping[tuple[str, str], tuple[str, str]] = {  # (action, field): attributes with the lowest and highest value
    ("climate.set_humidity", "humidity"): ("min_humidity", "max_humidity"),
    ("climate.set_temperature", "target_temp_high"): ("min_temp", "max_temp"),
    ("climate.set_temperature", "target_temp_low"): ("min_temp", "max_temp"),
    ("climate.set_temperature", "temperature"): ("min_temp", "max_temp"),
    ("counter.set_value", "value"): ("minimum", "maximum"),
    ("humidifier.set_humidity", "humidity"): ("min_humidity", "max_humidity"),
    ("input_number.set_value", "value"): ("min", "max"),
    ("number.set_value", "value"): ("min", "max"),
    ("water_heater.set_temperature", "temperature"): ("min_temp", "max_temp"),
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
    ("humidifier.set_mode", "mode"): "available_modes",
    ("input_select.select_option", "option"): "options",
    ("media_player.select_sound_mode", "sound_mode"): "sound_mode_list",
    ("media_player.select_source", "source"): "source_list",
    ("select.select_option", "option"): "options",
    ("siren.turn_on", "tone"): "available_tones",
    ("vacuum.set_fan_speed", "fan_speed"): "fan_speed_list",
    ("water_heater.set_operation_mode", "operation_mode"): "operation_list",
    ("water_heater.set_temperature", "operation_mode"): "operation_list",
}
_DUE: Mapping[str, int] = {
    "due_date": TodoListFeature.SET_DUE_DATE_ON_ITEM,
    "due_datetime": TodoListFeature.SET_DUE_DATETIME_ON_ITEM,
    "description": TodoListFeature.SET_DESCRIPTION_ON_ITEM,
}
_NEEDED: Mapping[str, Mapping[str, int]] = {  # the feature without which a field is refused
    "todo.add_item": _DUE,
    "todo.update_item": _DUE,
    "update.install": {"version": UpdateFeature.SPECIFIC_VERSION, "backup": UpdateFeature.BACKUP},
}
_FORECASTS: Mapping[str, int] = {
    "daily": WeatherFeature.FORECAST_DAILY,
    "hourly": WeatherFeature.FORECAST_HOURLY,
    "twice_daily": WeatherFeature.FORECAST_TWICE_DAILY,
}


def choices_of(action_name: str, field: str, attributes: Mapping[str, Any]) -> list[str] | None:
    """Return the values that an entity with these attributes takes for a field, or None if it does not list any."""
    listed = attributes.get(_CHOICES.get((action_name, field), ""))
    if isinstance(listed, Mapping):  # names by the numbers that the device knows them by: it takes both
        listed = [*listed.values(), *listed]
    return [str(choice) for choice in listed] if listed else None


def range_of(action_name: str, field: str, attributes: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the lowest and highest value that an entity with these attributes takes for a field.

    None if it names neither; infinite where it names one only.
    """
    low, high = (attributes.get(name) for name in _RANGES.get((action_name, field), ("", "")))
    if low is None and high is None:
        return None
    return -math.inf if low is None else low, math.inf if high is None else high


def check_limits(action_name: str, data: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Check an action's data against what one entity says of itself in its attributes.

    Raises InvalidInput naming the field, what the entity takes and what came.
    """
    if action_name not in _LIMITED and action_name.partition(".")[0] not in _CHECKS:
        return
    for field, value in data.items():
        choices = choices_of(action_name, field, attributes)
        if choices is not None and str(value) not in choices:
            raise InvalidInput(f"Expected {field} to be one of {', '.join(choices)}, got {value!r}", path=(field,))
        limits = range_of(action_name, field, attributes)
        if limits is not None and not limits[0] <= value <= limits[1]:
            raise InvalidInput(f"Expected {field} {_within(*limits)}, got {value}", path=(field,))
    _check_features(_NEEDED.get(action_name, {}), data, attributes)
    check = _CHECKS.get(action_name.partition(".")[0]) or _CHECKS.get(action_name)
    if check is not None:
        check(action_name, data, attributes)


def _within(low: float, high: float) -> str:
    if low == -math.inf:
        return f"of at most {high}"
    return f"of at least {low}" if high == math.inf else f"from {low} to {high}"


def _check_features(needed: Mapping[str, int], data: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    features = attributes.get("supported_features") or 0
    for field, feature in needed.items():
        if data.get(field) and not features & feature:
            raise InvalidInput(f"Expected no {field}: it is not supported here", path=(field,))


def _check_text(_: str, data: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    value = data["value"]
    low, high = attributes.get("min") or 0, attributes.get("max") or 255
    if not low <= len(value) <= high:
        raise InvalidInput(f"Expected a text of {low} to {high} characters, got {len(value)}", path=("value",))
    pattern = attributes.get("pattern")
    if pattern and not matches(pattern, value):
        raise InvalidInput(f"Expected a text that matches {pattern}, got {value!r}", path=("value",))


def _check_forecast(_: str, data: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    features = attributes.get("supported_features") or 0
    if not features & _FORECASTS[data["type"]]:
        known = ", ".join(name for name, feature in _FORECASTS.items() if features & feature)
        raise InvalidInput(f"Expected a forecast of {known}, got {data['type']!r}", path=("type",))


def _check_moment(_: str, data: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Refuse to set only what the entity does not have: a time of day where it is a date."""
    for field in ("date", "time"):
        if set(data) == {field} and attributes.get(f"has_{field}") is False:
            raise InvalidInput(f"Expected another field than {field}: this has none", path=(field,))


_CHECKS: Mapping[str, Callable[[str, Mapping[str, Any], Mapping[str, Any]], None]] = {
    "alarm_control_panel": check_code,
    "input_datetime.set_datetime": _check_moment,
    "input_text.set_value": _check_text,
    "lock": check_code,
    "text.set_value": _check_text,
    "weather.get_forecasts": _check_forecast,
}
_LIMITED = frozenset(name for name, _ in (*_RANGES, *_CHOICES)) | _NEEDED.keys() | _CHECKS.keys()
"""Actions with something to check; the names of domains in ``_CHECKS`` stand for all of theirs."""
