"""Tools: what each one-word tool means for the things of each domain, as the hub's actions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.agent.calls import Call
from hub.agent.colors import color_data
from hub.agent.home import Thing
from hub.agent.normalise import written
from hub.core.actions import ActionTable
from hub.core.state import State
from hub.entities import choices_of, range_of

Data = Mapping[str, Any]
MakeData = Callable[[Call, State | None], Data]


class Impossible(Exception):
    """A tool's argument means nothing for this thing; the message is a phrase's key."""

    def __init__(self, key: str, **placeholders: object) -> None:
        super().__init__(key)
        self.key = key
        self.placeholders = placeholders


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One action on some things with the same data."""

    action: str
    things: tuple[Thing, ...]
    data: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool: its action in each domain, what it sends, and the domains that are meant where nothing says which.

    ``opens`` marks what may let somebody in; ``by_value`` is the tool to use instead where a value is given.
    """

    actions: Mapping[str, str]
    data: MakeData = lambda _call, _state: {}
    usual: frozenset[str] = frozenset()
    opens: bool = False
    by_value: Tool | None = None

    def fits(self, thing: Thing) -> bool:
        """Say whether it can be used on the thing."""
        return thing.domain in self.actions

    def usually_fits(self, thing: Thing) -> bool:
        """Say whether the thing may be meant by the tool alone."""
        return thing.domain in (self.usual or self.actions)


def steps(tool: Tool, call: Call, things: Sequence[Thing], state: Callable[[str], State | None]) -> tuple[Step, ...]:
    """Return the actions of a call on its things: those with the same data together.

    Raises Impossible if an argument means nothing.
    """
    tool = tool.by_value if tool.by_value and call.value is not None else tool
    groups: list[tuple[str, Data, list[Thing]]] = []
    for thing in things:
        action, data = tool.actions[thing.domain], tool.data(call, state(thing.entity_id))
        group = next((group for group in groups if group[:2] == (action, data)), None)
        if group is None:
            groups.append((action, data, [thing]))
        else:
            group[2].append(thing)
    return tuple(Step(action=action, data=data, things=tuple(members)) for action, data, members in groups)


def available(name: str, table: ActionTable) -> bool:
    """Say whether the hub offers any action for the tool."""
    tool = TOOLS.get(name)
    return tool is not None and any(action in table for action in tool.actions.values())


def _same(domains: str, action: str) -> dict[str, str]:
    return {domain: f"{domain}.{action}" for domain in domains.split()}


_SWITCHED = "light switch fan climate media_player automation humidifier input_boolean siren"
_STARTED = {"vacuum": "vacuum.start", "lawn_mower": "lawn_mower.start_mowing"}
_DOCKED = {"vacuum": "vacuum.return_to_base", "lawn_mower": "lawn_mower.dock"}
_PAUSED = {"vacuum": "vacuum.pause", "lawn_mower": "lawn_mower.pause"}
_PRESSED = {"button": "button.press", "input_button": "input_button.press"}
_ANY_TEMPERATURE = (5.0, 35.0)
_USUAL = frozenset({"light", "switch", "fan", "media_player"})


def _value(key: str, low: float, high: float, scale: float = 1.0) -> MakeData:
    def make(call: Call, _: State | None) -> Data:
        if call.value is None or not low <= call.value <= high:
            raise Impossible("value.range", low=f"{low:g}", high=f"{high:g}")
        value = call.value * scale
        return {key: int(value) if value == int(value) else round(value, 3)}

    return make


def _color(call: Call, _: State | None) -> Data:
    data = color_data(call.color or "")
    if data is None:
        raise Impossible("value.color", color=call.color)
    return data


def _within(domains: str, action: str, key: str, otherwise: tuple[float, float]) -> MakeData:
    """Return what sends a value within the thing's own limits; ``domains`` are those that have the action."""

    def make(call: Call, state: State | None) -> Data:
        domain = state.entity_id.partition(".")[0] if state else ""
        known = range_of(f"{domain}.{action}", key, state.attributes) if state and domain in domains.split() else None
        return _value(key, *(known or otherwise))(call, state)

    return make


_HEATING = "climate water_heater"
_temperature = _within(_HEATING, "set_temperature", "temperature", _ANY_TEMPERATURE)


def _warmer(direction: int) -> MakeData:
    def make(call: Call, state: State | None) -> Data:
        target = _known(state, "temperature", math.nan)
        if math.isnan(target):
            raise Impossible("value.target")
        step = call.value if call.value is not None else 1.0
        return _temperature(Call(tool="temperature", value=target + direction * step), state)

    return make


def _louder(direction: int) -> MakeData:
    def make(call: Call, state: State | None) -> Data:
        level = _known(state, "volume_level", math.nan)
        if math.isnan(level) or call.value is None:
            raise Impossible("value.level")
        return {"volume_level": round(min(max(level + direction * call.value / 100, 0.0), 1.0), 2)}

    return make


def _known(state: State | None, attribute: str, otherwise: float) -> float:
    value = state.attributes.get(attribute) if state else None
    return float(value) if isinstance(value, (int, float)) else otherwise


def _brighter(direction: int) -> MakeData:
    return lambda call, _: {"brightness_step_pct": direction * int(call.value if call.value is not None else 20)}


def _mode(call: Call, state: State | None) -> Data:
    humidifier = state is not None and state.entity_id.startswith("humidifier.")
    action, key = ("humidifier.set_mode", "mode") if humidifier else ("climate.set_hvac_mode", "hvac_mode")
    mode = (call.mode or "").replace(" ", "_")
    known = choices_of(action, key, state.attributes if state else {})
    if known is not None and mode not in known:
        raise Impossible("value.mode", mode=call.mode)
    return {key: mode}


def _item(**more: Any) -> MakeData:
    return lambda call, _: {"item": written(call.text or ""), **more}


def _duration(sign: int = 1) -> MakeData:
    return lambda call, _: {"duration": sign * (call.seconds or 0)}


def _armed(how: str) -> Tool:
    return Tool(actions={"alarm_control_panel": f"alarm_control_panel.alarm_arm_{how}"})


def _media(
    action: str,
    data: MakeData = lambda _call, _state: {},
    *,
    by_value: Tool | None = None,
    also: Mapping[str, str] | None = None,
) -> Tool:
    actions = _same("media_player", action)
    return Tool(actions={**actions, **(also or {})}, usual=frozenset(actions), data=data, by_value=by_value)


TOOLS: Mapping[str, Tool] = {
    "on": Tool(
        actions={**_same(f"{_SWITCHED} water_heater scene script", "turn_on"), **_PRESSED, **_STARTED}, usual=_USUAL
    ),
    "off": Tool(actions={**_same(f"{_SWITCHED} water_heater", "turn_off"), **_DOCKED}, usual=_USUAL),
    "toggle": Tool(actions=_same(_SWITCHED, "toggle"), usual=_USUAL),
    "brightness": Tool(actions=_same("light", "turn_on"), data=_value("brightness_pct", 0, 100)),
    "brighter": Tool(actions=_same("light", "turn_on"), data=_brighter(1)),
    "darker": Tool(actions=_same("light", "turn_on"), data=_brighter(-1)),
    "color": Tool(actions=_same("light", "turn_on"), data=_color),
    "open": Tool(actions={"cover": "cover.open_cover", "valve": "valve.open_valve"}, opens=True),
    "close": Tool(actions={"cover": "cover.close_cover", "valve": "valve.close_valve"}),
    "position": Tool(
        actions={"cover": "cover.set_cover_position", "valve": "valve.set_valve_position"},
        data=_value("position", 0, 100),
        opens=True,
    ),
    "lock": Tool(actions=_same("lock", "lock")),
    "unlock": Tool(actions=_same("lock", "unlock"), opens=True),
    "temperature": Tool(actions=_same(_HEATING, "set_temperature"), usual=frozenset({"climate"}), data=_temperature),
    "warmer": Tool(actions=_same(_HEATING, "set_temperature"), usual=frozenset({"climate"}), data=_warmer(1)),
    "cooler": Tool(actions=_same(_HEATING, "set_temperature"), usual=frozenset({"climate"}), data=_warmer(-1)),
    "mode": Tool(
        actions={"climate": "climate.set_hvac_mode", "humidifier": "humidifier.set_mode"},
        usual=frozenset({"climate"}),
        data=_mode,
    ),
    "humidity": Tool(
        actions=_same("humidifier", "set_humidity"),
        data=_within("humidifier", "set_humidity", "humidity", (0.0, 100.0)),
    ),
    "speed": Tool(actions=_same("fan", "set_percentage"), data=_value("percentage", 0, 100)),
    "start": Tool(actions={**_STARTED, "timer": "timer.start"}, usual=frozenset({"vacuum"})),
    "dock": Tool(actions=_DOCKED, usual=frozenset({"vacuum"})),
    "locate": Tool(actions=_same("vacuum", "locate")),
    "stop": Tool(
        actions={
            **_DOCKED,
            "cover": "cover.stop_cover",
            "media_player": "media_player.media_stop",
            "timer": "timer.cancel",
            "vacuum": "vacuum.stop",
            "valve": "valve.stop_valve",
        },
        usual=frozenset({"cover", "media_player"}),
    ),
    "play": _media("media_play"),
    "resume": _media("media_play", also=_STARTED),
    "pause": _media("media_pause", also=_PAUSED),
    "next": _media("media_next_track"),
    "previous": _media("media_previous_track"),
    "louder": _media("volume_up", by_value=_media("volume_set", _louder(1))),
    "quieter": _media("volume_down", by_value=_media("volume_set", _louder(-1))),
    "volume": _media("volume_set", _value("volume_level", 0, 100, 0.01)),
    "mute": _media("volume_mute", lambda _call, _state: {"is_volume_muted": True}),
    "unmute": _media("volume_mute", lambda _call, _state: {"is_volume_muted": False}),
    "run": Tool(actions={**_same("scene script", "turn_on"), "automation": "automation.trigger", **_PRESSED}),
    "add": Tool(actions=_same("todo", "add_item"), data=_item()),
    "done": Tool(actions=_same("todo", "update_item"), data=_item(status="completed")),
    "remove": Tool(actions=_same("todo", "remove_item"), data=_item()),
    "items": Tool(actions=_same("todo", "get_items")),
    "arm_away": _armed("away"),
    "arm_home": _armed("home"),
    "arm_night": _armed("night"),
    "arm_vacation": _armed("vacation"),
    "disarm": Tool(actions=_same("alarm_control_panel", "alarm_disarm"), opens=True),
}
"""Those that act. The others ask (``state``, ``time``, ``date``), decline (``none``), or are about timers."""

TIMER_TOOLS: Mapping[str, Tool] = {
    "timer": Tool(actions=_same("timer", "start"), data=_duration()),
    "extend": Tool(actions=_same("timer", "start"), data=_duration()),
    "shorten": Tool(actions=_same("timer", "change"), data=_duration(-1)),
    "pause": Tool(actions=_same("timer", "pause")),
    "resume": Tool(actions=_same("timer", "start")),
    "cancel": Tool(actions=_same("timer", "cancel")),
}
"""The same for timers, where they are what is spoken of."""
