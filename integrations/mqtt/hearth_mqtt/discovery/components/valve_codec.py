"""What a valve's messages and actions mean.

The facts are ``state``, ``position``, and ``opens``: whether it last moved towards open, by which toggling decides.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

import orjson

from hearth_mqtt.discovery.components.scaling import from_percent, to_percent
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Decode
from hub import ValveFeature

_log = logging.getLogger(__name__)

_MOVING = ("opening", "closing")


class Valve:
    """A valve's declaration, with what its decoder and actions share."""

    def __init__(self, declaration: Declaration) -> None:
        config = self._config = declaration.config
        self._declaration = declaration
        self._write = declaration.writer("command_template")
        self._positions = (config["position_closed"] + 1, config["position_open"])
        self._constants = {key: config[key] for key in ("position_open", "position_closed")}
        self.has_position: bool = config["reports_position"]
        self.optimistic = declaration.optimistic()

    @property
    def features(self) -> ValveFeature:
        has, features = self._declaration.has, ValveFeature(0)
        if "command_topic" in self._config:
            features |= ValveFeature.OPEN if has("payload_open") else ValveFeature(0)
            features |= ValveFeature.CLOSE if has("payload_close") else ValveFeature(0)
        features |= ValveFeature.SET_POSITION if self.has_position else ValveFeature(0)
        return features | (ValveFeature.STOP if has("payload_stop") else ValveFeature(0))

    def decoder(self) -> Decode:
        read = self._declaration.reader("value_template", **self._constants)
        parse = self._parse_position if self.has_position else self._parse_state

        def decode(incoming: Incoming, facts: Facts) -> Facts | None:
            text = read(incoming)
            if not text:
                return None
            changes = parse(*_parts(text), facts)
            if changes is None:
                _log.warning("Expected a state or position of a valve on %s, got %r", incoming.topic, text[:80])
            return changes

        return decode

    def open(self, _: Mapping[str, Any], __: Facts) -> Effect:
        return self.move_to(100) if self.has_position else self._send("payload_open", {"state": "open"})

    def close(self, _: Mapping[str, Any], __: Facts) -> Effect:
        return self.move_to(0) if self.has_position else self._send("payload_close", {"state": "closed"})

    def stop(self, _: Mapping[str, Any], __: Facts) -> Effect:
        return self._send("payload_stop", {})

    def move_to(self, percent: int) -> Effect:
        scaled = round(from_percent(self._positions, percent))
        payload = self._write(scaled, position=percent, **self._constants)
        assumed = {"state": _at_rest(percent), "position": percent} if self.optimistic else None
        return self._declaration.publish("command_topic", payload, assumed)

    def toggle(self, data: Mapping[str, Any], facts: Facts) -> Effect:
        if facts["state"] in _MOVING and self.features & ValveFeature.STOP:
            return self.stop(data, facts)
        opens = facts["state"] == "closed" or not facts["opens"]
        return (self.open if opens else self.close)(data, facts)

    def _parse_state(self, state: Any, _: Any, __: Facts) -> Facts | None:
        if state == "None":
            return {"state": None}
        known = {self._config[f"state_{name}"]: name for name in ("closed", "open", *_MOVING)}
        return _moved(known[state]) if isinstance(state, str) and state in known else None

    def _parse_position(self, state: Any, position: Any, facts: Facts) -> Facts | None:
        if state == "None":
            return {"position": None, "state": None}
        moving = next((name for name in _MOVING if state == self._config[f"state_{name}"]), None)
        number = _number(position)
        if number is None:
            return _moved(moving) if moving else None
        percent = min(100, max(0, to_percent(self._positions, number)))
        if moving is None and 0 < percent < 100 and facts["state"] in _MOVING:
            return {"position": percent}  # still on its way
        return {"position": percent, **_moved(moving or _at_rest(percent))}

    def _send(self, key: str, assumed: Mapping[str, Any]) -> Effect:
        payload = self._write(self._config[key])
        return self._declaration.publish("command_topic", payload, assumed if self.optimistic else None)


def _moved(state: str) -> dict[str, Any]:
    return {"state": state, "opens": state == "opening"} if state in _MOVING else {"state": state}


def _at_rest(percent: int) -> str:
    return "closed" if percent == 0 else "open"


def _parts(text: str) -> tuple[Any, Any]:
    """Return the state and position of ``{"state": .., "position": ..}``, or the text itself for both."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text, text
    return (value.get("state"), value.get("position")) if isinstance(value, dict) else (text, text)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
