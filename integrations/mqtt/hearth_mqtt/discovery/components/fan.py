"""fan: on or off, with speed, presets, oscillation and direction."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    COMMANDED,
    TEMPLATE,
    entity_schema,
    keyed,
    listed,
    string,
    to_publish,
    to_subscribe,
    whole,
)
from hearth_mqtt.discovery.components.scaling import from_percent, states_in, to_percent
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import NOTHING, Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import ON_OFF, Act, Component, Decode, Model, listen, toggling
from hub import FanFeature

_log = logging.getLogger(__name__)

_PARTS = ("direction", "oscillation", "percentage", "preset_mode")


def _check(config: dict[str, Any]) -> dict[str, Any]:
    if not 0 < config["speed_range_min"] < config["speed_range_max"]:
        raise vol.Invalid(
            f"expected 0 < speed_range_min < speed_range_max, got {config['speed_range_min']} and {config['speed_range_max']}"
        )
    if ("preset_mode_command_topic" in config) != ("preset_modes" in config):
        raise vol.Invalid("expected preset_mode_command_topic and preset_modes together")
    if config["payload_reset_preset_mode"] in config.setdefault("preset_modes", []):
        raise vol.Invalid("expected preset_modes without payload_reset_preset_mode")
    return config


_SCHEMA = entity_schema(
    COMMANDED,
    {
        vol.Optional("payload_off", default="OFF"): string,
        vol.Optional("payload_on", default="ON"): string,
        vol.Optional("payload_oscillation_off", default="oscillate_off"): string,
        vol.Optional("payload_oscillation_on", default="oscillate_on"): string,
        vol.Optional("payload_reset_percentage", default="None"): string,
        vol.Optional("payload_reset_preset_mode", default="None"): string,
        vol.Optional("speed_range_max", default=100): whole(),
        vol.Optional("speed_range_min", default=1): whole(),
    },
    keyed({f"{part}_command_topic": to_publish for part in _PARTS}),
    keyed({f"{part}_state_topic": to_subscribe for part in _PARTS}),
    keyed({f"{part}_{kind}_template": TEMPLATE for part in _PARTS for kind in ("command", "value")}),
    keyed({"command_template": TEMPLATE, "preset_modes": vol.All(listed, [string]), "state_value_template": TEMPLATE}),
    check=_check,
)


class _Fan:
    """A fan's declaration, with what its decoders and actions share."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.config = declaration.config
        self.speeds = (self.config["speed_range_min"], self.config["speed_range_max"])
        self.has_speed = declaration.has("percentage_command_topic")
        self.speed_count = min(int(states_in(self.speeds)), 100) if self.has_speed else 100
        self.features = FanFeature.TURN_ON | FanFeature.TURN_OFF
        for part, feature in _FEATURE_OF_PART.items():
            self.features |= feature if declaration.has(f"{part}_command_topic") else FanFeature(0)

    def decode_switch(self, template: str, fact: str, on: str, off: str) -> Decode:
        read = self.declaration.reader(template)
        meanings: dict[str, bool | None] = {self.config[off]: False, self.config[on]: True}
        if fact == "on":
            meanings.setdefault("None", None)

        def decode(incoming: Incoming, _: Facts) -> Facts | None:
            text = read(incoming)
            return {fact: meanings[text]} if text in meanings else None

        return decode

    def decode_percentage(self, incoming: Incoming, text: str) -> Facts | None:
        if text == self.config["payload_reset_percentage"]:
            return {"percentage": None}
        try:
            percentage = to_percent(self.speeds, int(text))
        except ValueError:
            percentage = -1
        if not 0 <= percentage <= 100:
            _log.warning("Expected a speed of %s to %s on %s, got %r", *self.speeds, incoming.topic, text[:80])
            return None
        return {"percentage": percentage}

    def decode_preset_mode(self, incoming: Incoming, text: str) -> Facts | None:
        if text == self.config["payload_reset_preset_mode"]:
            return {"preset_mode": None}
        if text not in self.config["preset_modes"]:
            _log.warning("Expected one of %s on %s, got %r", self.config["preset_modes"], incoming.topic, text[:80])
            return None
        return {"preset_mode": text}

    def decode_with(self, template: str, parse: Callable[[Incoming, str], Facts | None]) -> Decode:
        read = self.declaration.reader(template)

        def decode(incoming: Incoming, _: Facts) -> Facts | None:
            text = read(incoming)
            return parse(incoming, text) if text else None

        return decode

    def set_part(self, part: str, fact: str, value: Any, payload: Any) -> Effect:
        write = self.declaration.writer(f"{part}_command_template")
        assumed = {fact: value} if self.declaration.optimistic(f"{part}_state_topic") else None
        return self.declaration.publish(f"{part}_command_topic", write(payload), assumed)

    def set_percentage(self, percentage: float) -> Effect:
        payload = math.ceil(from_percent(self.speeds, percentage))
        return self.set_part("percentage", "percentage", percentage, payload)

    def set_preset_mode(self, preset_mode: str) -> Effect:
        return self.set_part("preset_mode", "preset_mode", preset_mode, preset_mode)

    def oscillate(self, data: Mapping[str, Any], _: Facts) -> Effect:
        payload = self.config[f"payload_oscillation_{'on' if data['oscillating'] else 'off'}"]
        return self.set_part("oscillation", "oscillating", data["oscillating"], payload)

    def turn_on(self, data: Mapping[str, Any], _: Facts) -> Effect:
        effect = self._switch(True)
        effect += self.set_percentage(data["percentage"]) if data.get("percentage") else NOTHING
        return effect + (self.set_preset_mode(data["preset_mode"]) if data.get("preset_mode") else NOTHING)

    def turn_off(self, _: Mapping[str, Any], __: Facts) -> Effect:
        return self._switch(False)

    def _switch(self, on: bool) -> Effect:
        payload = self.declaration.writer("command_template")(self.config["payload_on" if on else "payload_off"])
        return self.declaration.publish("command_topic", payload, {"on": on} if self.declaration.optimistic() else None)

    def step(self, sign: int) -> Act:
        def act(data: Mapping[str, Any], facts: Facts) -> Effect:
            now = facts["percentage"] or 0
            if data.get("percentage_step") is not None:
                wanted = now + sign * data["percentage_step"]
            else:
                steps = (1, self.speed_count)
                wanted = to_percent(steps, math.ceil(from_percent(steps, now)) + sign)
            return self.set_percentage(min(100, max(0, wanted)))

        return act

    def show(self, facts: Facts) -> tuple[str | None, Mapping[str, Any]]:
        features, shown = self.features, dict[str, Any]()
        if features & FanFeature.DIRECTION:
            shown["direction"] = facts["direction"]
        if features & FanFeature.OSCILLATE:
            shown["oscillating"] = facts["oscillating"]
        if features & FanFeature.SET_SPEED:
            shown["percentage"] = facts["percentage"]
            shown["percentage_step"] = 100 / self.speed_count
        if features & (FanFeature.SET_SPEED | FanFeature.PRESET_MODE):
            shown["preset_mode"] = facts["preset_mode"]
        return ON_OFF[facts["on"]], shown


_FEATURE_OF_PART = {
    "direction": FanFeature.DIRECTION,
    "oscillation": FanFeature.OSCILLATE,
    "percentage": FanFeature.SET_SPEED,
    "preset_mode": FanFeature.PRESET_MODE,
}


def _build(declaration: Declaration) -> Model:
    fan = _Fan(declaration)
    features = fan.features
    has_presets = features & (FanFeature.SET_SPEED | FanFeature.PRESET_MODE)
    return Model(
        show=fan.show,
        listens=listen(
            declaration,
            ("state_topic", fan.decode_switch("state_value_template", "on", "payload_on", "payload_off")),
            ("percentage_state_topic", fan.decode_with("percentage_value_template", fan.decode_percentage)),
            ("preset_mode_state_topic", fan.decode_with("preset_mode_value_template", fan.decode_preset_mode)),
            (
                "oscillation_state_topic",
                fan.decode_switch(
                    "oscillation_value_template", "oscillating", "payload_oscillation_on", "payload_oscillation_off"
                ),
            ),
            (
                "direction_state_topic",
                fan.decode_with("direction_value_template", lambda _, text: {"direction": text}),
            ),
        ),
        actions={
            "turn_on": fan.turn_on,
            "turn_off": fan.turn_off,
            "toggle": toggling(fan.turn_on, fan.turn_off, lambda facts: bool(facts["on"])),
            "set_percentage": lambda data, _: fan.set_percentage(data["percentage"]),
            "increase_speed": fan.step(1),
            "decrease_speed": fan.step(-1),
            "set_preset_mode": lambda data, _: fan.set_preset_mode(data["preset_mode"]),
            "oscillate": fan.oscillate,
            "set_direction": lambda data, _: fan.set_part(
                "direction", "direction", data["direction"], data["direction"]
            ),
        },
        initial={
            "on": None,
            "percentage": None,
            "preset_mode": None,
            "oscillating": False if declaration.has("oscillation_state_topic") else None,
            "direction": None,
        },
        features=int(features),
        capabilities={"preset_modes": declaration.config["preset_modes"]} if has_presets else {},
        assumed_state=declaration.optimistic(),
    )


FAN = Component(
    domain="fan",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Fan",
    own_attributes=frozenset(
        {"direction", "oscillating", "percentage", "percentage_step", "preset_mode", "preset_modes"}
    ),
)
