"""The speaker's documents as entities and reports, and actions as its requests. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hub import (
    ColorMode,
    DeviceDescription,
    EntityCall,
    EntityDescription,
    InvalidInput,
    MediaPlayerFeature,
    Report,
    light_attributes,
    light_capabilities,
    normalise_light,
)

_FEATURES = (
    MediaPlayerFeature.PAUSE
    | MediaPlayerFeature.SEEK
    | MediaPlayerFeature.VOLUME_SET
    | MediaPlayerFeature.VOLUME_MUTE
    | MediaPlayerFeature.PREVIOUS_TRACK
    | MediaPlayerFeature.NEXT_TRACK
    | MediaPlayerFeature.TURN_ON
    | MediaPlayerFeature.TURN_OFF
    | MediaPlayerFeature.SELECT_SOURCE
    | MediaPlayerFeature.STOP
    | MediaPlayerFeature.PLAY
)
_LAMP = light_capabilities([ColorMode.BRIGHTNESS])
_VOLUME_STEP = 0.1
_PLAYER_COMMANDS = {
    "turn_on": "on",
    "turn_off": "off",
    "media_play": "play",
    "media_pause": "pause",
    "media_stop": "stop",
    "media_next_track": "next",
    "media_previous_track": "previous",
}
_PLAYER_VALUES = {
    "volume_set": ("volume", "volume_level"),
    "volume_mute": ("mute", "is_volume_muted"),
    "media_seek": ("seek", "seek_position"),
    "select_source": ("source", "source"),
}

Request = tuple[str, dict[str, Any]]


def entities(device: Mapping[str, Any], state: Mapping[str, Any], url: str) -> list[EntityDescription]:
    """Return the speaker's entities from ``GET /api/device`` and ``GET /api/state``."""
    unique_id = device["id"]
    about = DeviceDescription(
        identifiers=(unique_id,),
        name=device["name"],
        manufacturer="Hearth Demo Works",
        model=device["model"],
        sw_version=device["version"],
        configuration_url=url,
    )
    return [
        EntityDescription(
            domain="media_player",
            unique_id=f"{unique_id}-player",
            device=about,
            device_class="speaker",
            features=int(_FEATURES),
            attributes={"source_list": list(state["player"]["sources"])},
        ),
        EntityDescription(domain="light", unique_id=f"{unique_id}-lamp", name="Lamp", device=about, attributes=_LAMP),
        EntityDescription(
            domain="sensor",
            unique_id=f"{unique_id}-signal",
            name="Signal strength",
            device=about,
            device_class="signal_strength",
            unit="dBm",
            attributes={"state_class": "measurement"},
            entity_category="diagnostic",
        ),
    ]


def reports(unique_id: str, state: Mapping[str, Any]) -> list[Report]:
    """Return what ``GET /api/state`` says of each entity."""
    lamp = state["lamp"]
    on = bool(lamp["on"])
    glow = light_attributes(_LAMP, 0, on=on, color_mode=ColorMode.BRIGHTNESS, brightness=int(lamp["brightness"]))
    player = state["player"]
    return [
        Report(unique_id=f"{unique_id}-player", state=str(player["state"]), attributes=_player_attributes(player)),
        Report(unique_id=f"{unique_id}-lamp", state="on" if on else "off", attributes=glow),
        Report(unique_id=f"{unique_id}-signal", state=str(int(state["signal"]))),
    ]


def request(call: EntityCall, unique_id: str, state: Mapping[str, Any]) -> Request:
    """Return path and document of the request that carries out ``call``; ``state`` is the last one known.

    Raises InvalidInput for an action that the speaker does not have.
    """
    domain, _, action = call.action.partition(".")
    if domain == "light":
        return "/api/lamp", _lamp(action, call.data, state["lamp"])
    if domain == "media_player":
        command, value = _player(action, call.data, state["player"])
        return "/api/player", {"command": command, "value": value}
    raise InvalidInput(f"Expected an action on a light or a media player of {unique_id}, got {call.action}")


def _player_attributes(player: Mapping[str, Any]) -> dict[str, Any]:
    shown = {"volume_level": player["volume"], "is_volume_muted": player["muted"], "source": player["source"]}
    if "title" not in player:
        return shown
    return {
        **shown,
        "media_content_type": "music",
        "media_title": player["title"],
        "media_artist": player["artist"],
        "media_duration": player["length"],
        "media_position": player["position"],
        "media_position_updated_at": _iso(player["position_updated_at"]),
    }


def _iso(timestamp: float) -> str:
    return dt.datetime.fromtimestamp(timestamp, dt.UTC).isoformat(timespec="seconds")


def _lamp(action: str, data: Mapping[str, Any], lamp: Mapping[str, Any]) -> dict[str, Any]:
    if action == "turn_off" or (action == "toggle" and lamp["on"]):
        return {"on": False}
    wanted = normalise_light(data, {**_LAMP, "brightness": lamp["brightness"] if lamp["on"] else None})
    if "brightness" not in wanted:
        return {"on": True}
    return {"on": True, "brightness": wanted["brightness"]} if wanted["brightness"] else {"on": False}


def _player(action: str, data: Mapping[str, Any], player: Mapping[str, Any]) -> tuple[str, Any]:
    if action in _PLAYER_COMMANDS:
        return _PLAYER_COMMANDS[action], None
    if action in _PLAYER_VALUES:
        command, key = _PLAYER_VALUES[action]
        return command, data[key]
    if action in ("volume_up", "volume_down"):
        step = _VOLUME_STEP if action == "volume_up" else -_VOLUME_STEP
        return "volume", min(1.0, max(0.0, round(player["volume"] + step, 2)))
    if action == "toggle":
        return "on" if player["state"] == "off" else "off", None
    if action == "media_play_pause":
        return "pause" if player["state"] == "playing" else "play", None
    raise InvalidInput(f"Expected an action that the speaker has, got media_player.{action}")
