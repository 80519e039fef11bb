"""What the published sentences mean: Home Assistant's intents and slots as the model's calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.agent.calls import Call
from hub.agent.kinds import kind_of
from hub.agent.normalise import normalise

Slots = Mapping[str, Any]
_OPENED = frozenset({"cover", "valve"})
_RUN = frozenset({"scene", "script"})


def call_of(intent: str, slots: Slots, domain: str | None = None) -> Call | None:
    """Return the call of an intent, or None if there is none like it.

    ``domain`` is that of the entity which the slot ``name`` means.
    """
    make = _INTENTS.get(intent)
    return make({**slots, "domain": slots.get("domain") or domain}) if make else None


def _target(slots: Slots) -> dict[str, Any]:
    """Return the arguments of a target; a kind with no place is everything of that kind."""
    name, area, floor = (_said(slots, key) for key in ("name", "area", "floor"))
    if name is not None and name != "all":
        return {"name": name, "area": area}
    kind = kind_of(slots["domain"], slots.get("device_class")) if slots.get("domain") else None
    return {"type": kind, "area": area, "floor": floor, "all": area is None and floor is None and kind is not None}


def _said(slots: Slots, key: str) -> str | None:
    value = slots.get(key)
    return normalise(str(value)) if value not in (None, "") else None


def _switch(slots: Slots, on: str, opened: str, locked: str) -> Call:
    domain = slots.get("domain")
    tool = opened if domain in _OPENED else locked if domain == "lock" else on
    if domain in _RUN and on == "on":
        return Call(tool="run", name=_said(slots, "name"))
    return Call(tool=tool, **_target(slots))


def _state(slots: Slots) -> Call:
    return Call(tool="state", **_target(slots), wanted=_said(slots, "state"))


def _temperature_of(slots: Slots) -> Call:
    if slots.get("name"):
        return Call(tool="state", name=_said(slots, "name"), area=_said(slots, "area"))
    return Call(tool="state", type="temperature", area=_said(slots, "area"), floor=_said(slots, "floor"))


def _light(slots: Slots) -> Call | None:
    target = _target({**slots, "domain": "light"})
    target["all"] = False
    if slots.get("brightness") is not None:
        return Call(tool="brightness", **target, value=float(slots["brightness"]))
    if slots.get("color") is not None:
        return Call(tool="color", **target, color=_said(slots, "color"))
    if slots.get("temperature") is not None:
        return Call(tool="color", **target, color=f"{slots['temperature']:g} k")
    return None


def _numbered(tool: str, slot: str, domain: str | None = None) -> Callable[[Slots], Call]:
    def make(slots: Slots) -> Call:
        target = _target({**slots, "domain": slots.get("domain") or domain})
        target["all"] = False
        return Call(tool=tool, **target, value=float(slots[slot]))

    return make


def _aimed(tool: str, domain: str | None = None) -> Callable[[Slots], Call]:
    def make(slots: Slots) -> Call:
        target = _target({**slots, "domain": domain})
        target["all"] = False
        return Call(tool=tool, **target)

    return make


def _volume_step(slots: Slots) -> Call:
    step = slots["volume_step"]
    tool = "louder" if step == "up" or (step != "down" and float(step) > 0) else "quieter"
    target = {**_target({**slots, "domain": "media_player"}), "all": False}
    return Call(tool=tool, **target, value=None if isinstance(step, str) else abs(float(step)))


def _bare(tool: str) -> Callable[[Slots], Call]:
    return lambda _: Call(tool=tool)


def _timer(tool: str, *, which: str | None = None, every: bool = False) -> Callable[[Slots], Call]:
    def make(slots: Slots) -> Call:
        return Call(
            tool=tool,
            type=which,
            all=every,
            text=_said(slots, "name"),
            area=_said(slots, "area"),
            seconds=_seconds(slots),
            of=_seconds(slots, "start_"),
        )

    return make


def _seconds(slots: Slots, prefix: str = "") -> int | None:
    units = {"hours": 3600, "minutes": 60, "seconds": 1}
    return sum(int(slots.get(f"{prefix}{unit}") or 0) * size for unit, size in units.items()) or None


def _listed(tool: str) -> Callable[[Slots], Call]:
    return lambda slots: Call(tool=tool, name=_said(slots, "name"), text=_said(slots, "item"))


def _humidity(slots: Slots) -> Call:
    return Call(tool="humidity", name=_said(slots, "name"), value=float(slots["humidity"]))


def _armed(slots: Slots) -> Call:
    return Call(tool=f"arm_{slots.get('arm_mode') or 'away'}", **_alarm(slots))


def _alarm(slots: Slots) -> dict[str, Any]:
    return {"name": _said(slots, "name")} if slots.get("name") else {"type": "alarm"}


def _played(slots: Slots) -> Call:
    return Call(
        tool="search", **{**_target({**slots, "domain": None}), "all": False}, text=_said(slots, "search_query")
    )


_INTENTS: Mapping[str, Callable[[Slots], Call | None]] = {
    "HassTurnOn": lambda slots: _switch(slots, "on", "open", "lock"),
    "HassTurnOff": lambda slots: _switch(slots, "off", "close", "unlock"),
    "HassToggle": _aimed("toggle"),
    "HassGetState": _state,
    "HassClimateGetTemperature": _temperature_of,
    "HassClimateSetTemperature": _numbered("temperature", "temperature", "climate"),
    "HassLightSet": _light,
    "HassSetPosition": _numbered("position", "position"),
    "HassFanSetSpeed": _numbered("speed", "percentage", "fan"),
    "HassSetVolume": _numbered("volume", "volume_level", "media_player"),
    "HassSetVolumeRelative": _volume_step,
    "HassMediaNext": _aimed("next", "media_player"),
    "HassMediaPrevious": _aimed("previous", "media_player"),
    "HassMediaPause": _aimed("pause", "media_player"),
    "HassMediaUnpause": _aimed("play", "media_player"),
    "HassMediaPlayerMute": _aimed("mute", "media_player"),
    "HassMediaPlayerUnmute": _aimed("unmute", "media_player"),
    "HassMediaSearchAndPlay": _played,
    "HassVacuumStart": _aimed("start", "vacuum"),
    "HassVacuumReturnToBase": _aimed("dock", "vacuum"),
    "HassLawnMowerStartMowing": _aimed("start", "lawn_mower"),
    "HassLawnMowerDock": _aimed("dock", "lawn_mower"),
    "HassHumidifierSetpoint": _humidity,
    "HassHumidifierMode": lambda slots: Call(tool="mode", name=_said(slots, "name"), mode=_said(slots, "mode")),
    "HearthArm": _armed,
    "HearthDisarm": lambda slots: Call(tool="disarm", **_alarm(slots)),
    "HearthListItems": _listed("items"),
    "HearthStartNamedTimer": _timer("timer"),
    "HassShoppingListAddItem": _listed("add"),
    "HassShoppingListCompleteItem": _listed("done"),
    "HassListAddItem": _listed("add"),
    "HassListCompleteItem": _listed("done"),
    "HassListRemoveItem": _listed("remove"),
    "HassStartTimer": _timer("timer"),
    "HassIncreaseTimer": _timer("extend"),
    "HassDecreaseTimer": _timer("shorten"),
    "HassCancelTimer": _timer("cancel"),
    "HassCancelAllTimers": _timer("cancel", every=True),
    "HassPauseTimer": _timer("pause", which="timer"),
    "HassUnpauseTimer": _timer("resume", which="timer"),
    "HassTimerStatus": _timer("left"),
    "HassGetWeather": lambda slots: Call(tool="weather", name=_said(slots, "name")),
    "HassGetCurrentTime": _bare("time"),
    "HassGetCurrentDate": _bare("date"),
    "HassRespond": _bare("none"),
    "HassNevermind": _bare("nevermind"),
}
