"""How an entity is brought to a state: the actions that make it so, by domain. For scenes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.plain import plain
from hub.core.state import State

Wanted = Mapping[str, Any]
"""A state to be: ``{"state": "on", "brightness": 80}``."""
Step = tuple[str, Mapping[str, Any]]
"""An action's name without its domain, and its data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one domain is brought to a state.

    ``states`` names the action that leads to each state; ``value`` is instead (action, field) where the state itself is
    what is set. ``attributes`` are (action, field) by attribute, done after it, but for those states in ``resting`` in which
    they mean nothing. An attribute in ``instead`` makes the action of the state superfluous.
    """

    states: Mapping[str, str] = field(default_factory=dict)
    value: tuple[str, str] | None = None
    attributes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    resting: frozenset[str] = frozenset({"off"})
    instead: frozenset[str] = frozenset()

    def steps(self, wanted: Wanted, now: State) -> list[Step]:
        """Return what to do; nothing where it is so already."""
        state = str(wanted["state"])
        changes = self._changes(wanted, now) if state not in self.resting else {}
        steps: list[Step] = []
        if state != now.state and not self.instead & set(wanted):
            if self.value is not None:
                steps.append((self.value[0], {self.value[1]: wanted["state"]}))
            elif state in self.states:
                steps.append((self.states[state], {}))
        return [*steps, *changes.items()]

    def _changes(self, wanted: Wanted, now: State) -> dict[str, dict[str, Any]]:
        """Return the data of each action that sets attributes; what one action sets together is set together."""
        changes: dict[str, dict[str, Any]] = {}
        for attribute, (action, name) in self.attributes.items():
            value = wanted.get(attribute)
            if value is not None and value != now.attributes.get(attribute):
                changes.setdefault(action, {})[name] = value
        return changes


_ON_OFF = {"on": "turn_on", "off": "turn_off"}
_SET_VALUE = Way(value=("set_value", "value"))
_SELECT = Way(value=("select_option", "option"))
_TEMPERATURES = {name: ("set_temperature", name) for name in ("temperature", "target_temp_high", "target_temp_low")}

WAYS: Mapping[str, Way] = {
    "alarm_control_panel": Way(states={
        "disarmed": "alarm_disarm", **{f"armed_{mode}": f"alarm_arm_{mode}" for mode in (
            "home", "away", "night", "vacation", "custom_bypass")}}),
    "automation": Way(states=_ON_OFF),
    "climate": Way(value=("set_hvac_mode", "hvac_mode"), attributes={
        **_TEMPERATURES, "humidity": ("set_humidity", "humidity"), "preset_mode": ("set_preset_mode", "preset_mode"),
        "fan_mode": ("set_fan_mode", "fan_mode"), "swing_mode": ("set_swing_mode", "swing_mode")}),
    "counter": _SET_VALUE,
    "cover": Way(states={"open": "open_cover", "closed": "close_cover"}, instead=frozenset({"current_position"}), attributes={
        "current_position": ("set_cover_position", "position"),
        "current_tilt_position": ("set_cover_tilt_position", "tilt_position")}),
    "date": Way(value=("set_value", "date")),
    "datetime": Way(value=("set_value", "datetime")),
    "fan": Way(states=_ON_OFF, attributes={
        "percentage": ("set_percentage", "percentage"), "preset_mode": ("set_preset_mode", "preset_mode"),
        "oscillating": ("oscillate", "oscillating"), "direction": ("set_direction", "direction")}),
    "humidifier": Way(states=_ON_OFF, attributes={"humidity": ("set_humidity", "humidity"), "mode": ("set_mode", "mode")}),
    "input_boolean": Way(states=_ON_OFF),
    "input_number": _SET_VALUE,
    "input_select": _SELECT,
    "input_text": _SET_VALUE,
    "lawn_mower": Way(states={"mowing": "start_mowing", "paused": "pause", "docked": "dock"}),
    "lock": Way(states={"locked": "lock", "unlocked": "unlock", "open": "open"}),
    "media_player": Way(
        states={**_ON_OFF, "playing": "media_play", "paused": "media_pause", "idle": "media_stop"},
        resting=frozenset({"off", "standby"}),
        attributes={
            "source": ("select_source", "source"), "sound_mode": ("select_sound_mode", "sound_mode"),
            "volume_level": ("volume_set", "volume_level"), "is_volume_muted": ("volume_mute", "is_volume_muted"),
            "shuffle": ("shuffle_set", "shuffle"), "repeat": ("repeat_set", "repeat")}),
    "number": _SET_VALUE,
    "select": _SELECT,
    "siren": Way(states=_ON_OFF),
    "switch": Way(states=_ON_OFF),
    "text": _SET_VALUE,
    "time": Way(value=("set_value", "time")),
    "timer": Way(states={"active": "start", "paused": "pause", "idle": "cancel"}),
    "vacuum": Way(
        states={"cleaning": "start", "paused": "pause", "docked": "return_to_base", "returning": "return_to_base", "idle": "stop"},
        attributes={"fan_speed": ("set_fan_speed", "fan_speed")}),
    "valve": Way(states={"open": "open_valve", "closed": "close_valve"}, instead=frozenset({"current_position"}), attributes={
        "current_position": ("set_valve_position", "position")}),
    "water_heater": Way(value=("set_operation_mode", "operation_mode"), attributes={
        "temperature": ("set_temperature", "temperature"), "away_mode": ("set_away_mode", "away_mode")}),
}  # fmt: skip

_COLOR_OF = {
    "color_temp": "color_temp_kelvin", "hs": "hs_color", "xy": "xy_color", "rgb": "rgb_color", "rgbw": "rgbw_color",
    "rgbww": "rgbww_color",
}  # fmt: skip
_COLORS = (*_COLOR_OF.values(), "color_temp", "kelvin", "color_name")


_LIGHT = ("brightness", "color_mode", "effect", *_COLORS)


def snapshot(state: State) -> Wanted:
    """Return a state as it would be wanted: what cannot be brought about is left out."""
    way = WAYS.get(state.domain)
    names = _LIGHT if state.domain == "light" else way.attributes if way is not None else ()
    told = {name: plain(state.attributes[name]) for name in names if state.attributes.get(name) is not None}
    return {"state": state.state, **told}


def steps_to(wanted: Wanted, now: State, transition: float | None) -> list[Step]:
    """Return the actions that bring an entity from how it is to what is wanted; none where its domain has no way."""
    if now.domain == "light":
        return _light_steps(wanted, now, transition)
    if now.domain == "input_datetime":
        return _datetime_steps(wanted, now)
    way = WAYS.get(now.domain)
    return way.steps(wanted, now) if way is not None else []


def _light_steps(wanted: Wanted, now: State, transition: float | None) -> list[Step]:
    data: dict[str, Any] = {} if transition is None else {"transition": transition}
    if wanted["state"] == "off":
        return [("turn_off", data)] if now.state != "off" else []
    if wanted["state"] != "on":
        return []
    mode = wanted.get("color_mode")
    names = _COLORS if mode is None else [_COLOR_OF[mode]] if mode in _COLOR_OF else []
    color = next((name for name in names if wanted.get(name) is not None), None)
    effect = wanted.get("effect") if wanted.get("effect") not in ("none", "None", "off") else None
    looks = {name: wanted.get(name) for name in ("brightness", *([color] if color else []))} | {"effect": effect}
    looks = {name: value for name, value in looks.items() if value is not None}
    if now.state == "on" and all(now.attributes.get(name) == value for name, value in looks.items()):
        return []
    return [("turn_on", {**looks, **data})]


def _datetime_steps(wanted: Wanted, now: State) -> list[Step]:
    if wanted["state"] == now.state:
        return []
    has_date, has_time = now.attributes.get("has_date"), now.attributes.get("has_time")
    name = "datetime" if has_date and has_time else "date" if has_date else "time"
    return [("set_datetime", {name: wanted["state"]})]
