"""What a cover's messages and actions mean. 100 is open, 0 is closed, whatever the device's own numbers are."""

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
from hearth_mqtt.discovery.model import Act, Decode
from hub import CoverFeature

_log = logging.getLogger(__name__)

_FEATURE_OF_PAYLOAD = {
    "payload_open": CoverFeature.OPEN,
    "payload_close": CoverFeature.CLOSE,
    "payload_stop": CoverFeature.STOP,
}
_TILTS = CoverFeature.OPEN_TILT | CoverFeature.CLOSE_TILT | CoverFeature.STOP_TILT | CoverFeature.SET_TILT_POSITION


class Cover:
    """A cover's declaration, with what its decoders and actions share."""

    def __init__(self, declaration: Declaration) -> None:
        config = self.config = declaration.config
        self.declaration = declaration
        self.positions = (config["position_closed"] + 1, config["position_open"])
        self.tilts = (config["tilt_min"] + 1, config["tilt_max"])
        self.constants = {key: config[key] for key in ("position_open", "position_closed", "tilt_min", "tilt_max")}
        self.optimistic = config["optimistic"] or not any(
            declaration.has(key) for key in ("position_topic", "state_topic", "tilt_status_topic")
        )
        self.tilt_optimistic = config["tilt_optimistic"] or not declaration.has("tilt_status_topic")

    @property
    def features(self) -> int:
        config, features = self.declaration, CoverFeature(0)
        if config.has("command_topic"):
            for key, feature in _FEATURE_OF_PAYLOAD.items():
                features |= feature if config.has(key) else CoverFeature(0)
        if config.has("set_position_topic"):
            features |= CoverFeature.SET_POSITION
        if config.has("tilt_command_topic"):
            features |= _TILTS
        return int(features)

    def decode_state(self) -> Decode:
        config, read = self.config, self.declaration.reader("value_template")
        meanings: dict[str, str | None] = {
            "None": None,
            **{config[f"state_{state}"]: state for state in ("closed", "open", "closing", "opening")},
        }

        def decode(incoming: Incoming, facts: Facts) -> Facts | None:
            text = read(incoming)
            if not text:
                return None
            if text == config["state_stopped"]:
                return {"state": self._at_rest(facts)}
            if text not in meanings:
                _log.warning("Expected one of %s on %s, got %r", ", ".join(meanings), incoming.topic, text[:80])
                return None
            return {"state": meanings[text]}

        return decode

    def _at_rest(self, facts: Facts) -> str:
        if self.declaration.has("position_topic"):
            return "closed" if facts["position"] == 0 else "open"
        return "closed" if facts["state"] in ("closed", "closing") else "open"

    def decode_position(self) -> Decode:
        read = self.declaration.reader("position_template", **self.constants)

        def decode(incoming: Incoming, facts: Facts) -> Facts | None:
            text = read(incoming)
            if not text:
                return None
            position, tilt = _position_and_tilt(text)
            number = _float(position)
            if number is None:
                _log.warning("Expected a position on %s, got %r", incoming.topic, text[:80])
                return None
            percent = min(100, max(0, to_percent(self.positions, number)))
            changes: dict[str, Any] = {"position": percent, **(self._tilt(tilt, incoming) or {})}
            if not self.declaration.has("state_topic"):
                changes["state"] = "closed" if percent == 0 else "open"
            return changes

        return decode

    def decode_tilt(self) -> Decode:
        read = self.declaration.reader("tilt_status_template", **self.constants)

        def decode(incoming: Incoming, _: Facts) -> Facts | None:
            text = read(incoming)
            return self._tilt(text, incoming) if text else None

        return decode

    def _tilt(self, value: Any, incoming: Incoming) -> Facts | None:
        if value is None:
            return None
        number = _float(value)
        low, high = sorted((self.config["tilt_min"], self.config["tilt_max"]))
        if number is None or not low <= round(number) <= high:
            _log.warning("Expected a tilt from %d to %d on %s, got %r", low, high, incoming.topic, value)
            return None
        return {"tilt": to_percent(self.tilts, round(number))}

    def move(self, key: str, state: str | None, position: int | None) -> Act:
        """Return the action of a command without parameters."""

        def act(_: Mapping[str, Any], __: Facts) -> Effect:
            assumed: dict[str, Any] = {"state": state} if self.optimistic and state else {}
            if assumed and self.declaration.has("position_topic"):
                assumed["position"] = position
            return self.declaration.publish("command_topic", self.config[key], assumed)

        return act

    def set_position(self) -> Act:
        write = self.declaration.writer("set_position_template")

        def act(data: Mapping[str, Any], _: Facts) -> Effect:
            percent = data["position"]
            payload = write(round(from_percent(self.positions, percent)), position=percent, **self.constants)
            state = "closed" if percent <= self.config["position_closed"] else "open"
            assumed = {"state": state, "position": percent} if self.optimistic else None
            return self.declaration.publish("set_position_topic", payload, assumed)

        return act

    def set_tilt(self, position_key: str | None = None) -> Act:
        """Return the action that tilts to the given position, or to the one under a key of the declaration."""
        write = self.declaration.writer("tilt_command_template")

        def act(data: Mapping[str, Any], _: Facts) -> Effect:
            if position_key is None:
                shown = percent = data["tilt_position"]
                value = round(from_percent(self.tilts, percent))
            else:
                shown = value = self.config[position_key]
                percent = to_percent(self.tilts, value)
            payload = write(value, tilt_position=shown, **self.constants)
            return self.declaration.publish(
                "tilt_command_topic", payload, {"tilt": percent} if self.tilt_optimistic else None
            )

        return act

    def stop_tilt(self, _: Mapping[str, Any], __: Facts) -> Effect:
        return self.declaration.publish("tilt_command_topic", self.config["payload_stop_tilt"])

    def toggle(self) -> Act:
        open_, close, stop = (
            self.move("payload_open", "open", 100),
            self.move("payload_close", "closed", 0),
            self.move("payload_stop", None, None),
        )
        can_stop = self.features & CoverFeature.STOP

        def act(data: Mapping[str, Any], facts: Facts) -> Effect:
            if facts["state"] in ("opening", "closing") and can_stop:
                return stop(data, facts)
            return (open_ if facts["state"] in ("closed", "closing") else close)(data, facts)

        return act

    def toggle_tilt(self) -> Act:
        open_, close = self.set_tilt("tilt_opened_value"), self.set_tilt("tilt_closed_value")
        closed = to_percent(self.tilts, self.config["tilt_closed_value"])

        def act(data: Mapping[str, Any], facts: Facts) -> Effect:
            is_closed = facts["tilt"] is not None and facts["tilt"] <= closed
            return (open_ if is_closed else close)(data, facts)

        return act


def _position_and_tilt(text: str) -> tuple[Any, Any]:
    """Return the parts of ``{"position": .., "tilt_position": ..}``, or the text itself and None."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text, None
    return (value.get("position"), value.get("tilt_position")) if isinstance(value, dict) else (text, None)


def _float(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
