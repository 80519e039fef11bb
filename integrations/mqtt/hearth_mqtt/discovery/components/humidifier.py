"""humidifier: on or off, with a target humidity and modes."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
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
)
from hearth_mqtt.discovery.components.reading import Parse, one_of, reading
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.model import ON_OFF, Act, Component, Decode, Model, listen, toggling
from hub import HumidifierFeature

_log = logging.getLogger(__name__)

_ACTIONS = ("drying", "humidifying", "idle", "off")
_HUMIDITY = vol.All(vol.Coerce(float), vol.Range(min=0))


def _check(config: dict[str, Any]) -> dict[str, Any]:
    if not config["min_humidity"] < config["max_humidity"] <= 100:
        raise vol.Invalid("expected min_humidity < max_humidity <= 100")
    if ("mode_command_topic" in config) != ("modes" in config):
        raise vol.Invalid("expected mode_command_topic and modes together")
    if config["payload_reset_mode"] in config.setdefault("modes", []):
        raise vol.Invalid("expected modes without payload_reset_mode")
    return config


_SCHEMA = entity_schema(
    COMMANDED,
    {
        vol.Required("target_humidity_command_topic"): to_publish,
        vol.Optional("device_class", default="humidifier"): vol.In(["dehumidifier", "humidifier", None]),
        vol.Optional("max_humidity", default=100.0): _HUMIDITY,
        vol.Optional("min_humidity", default=0.0): _HUMIDITY,
        vol.Optional("payload_off", default="OFF"): string,
        vol.Optional("payload_on", default="ON"): string,
        vol.Optional("payload_reset_humidity", default="None"): string,
        vol.Optional("payload_reset_mode", default="None"): string,
    },
    keyed(
        dict.fromkeys(
            (
                "action_template",
                "command_template",
                "current_humidity_template",
                "mode_command_template",
                "mode_state_template",
                "state_value_template",
                "target_humidity_command_template",
                "target_humidity_state_template",
            ),
            TEMPLATE,
        )
    ),
    keyed(
        dict.fromkeys(
            ("action_topic", "current_humidity_topic", "mode_state_topic", "target_humidity_state_topic"),
            to_subscribe,
        )
    ),
    keyed({"mode_command_topic": to_publish, "modes": vol.All(listed, [string])}),
    check=_check,
)


def _build(declaration: Declaration) -> Model:
    modes = declaration.config["modes"]
    turn_on, turn_off = _turn(declaration, "payload_on", on=True), _turn(declaration, "payload_off", on=False)
    return Model(
        show=_show_with_mode if modes else _show,
        listens=_listens(declaration),
        actions={
            "turn_on": turn_on,
            "turn_off": turn_off,
            "toggle": toggling(turn_on, turn_off, lambda facts: bool(facts["on"])),
            "set_humidity": _set(declaration, "humidity", "target_humidity"),
            "set_mode": _set(declaration, "mode", "mode"),
        },
        initial=dict.fromkeys(("on", "action", "current_humidity", "humidity", "mode")),
        features=int(HumidifierFeature.MODES) if modes else 0,
        capabilities=_capabilities(declaration.config),
        device_class=declaration.config["device_class"],
        assumed_state=declaration.optimistic(),
    )


def _capabilities(config: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: config[key] for key in ("min_humidity", "max_humidity")}
    return {**shown, "available_modes": config["modes"]} if config["modes"] else shown


def _listens(declaration: Declaration) -> Any:
    config = declaration.config
    low, high, modes = config["min_humidity"], config["max_humidity"], config["modes"]
    no_humidity, no_mode = config["payload_reset_humidity"], config["payload_reset_mode"]
    switched: dict[str, bool | None] = {"None": None, config["payload_off"]: False, config["payload_on"]: True}
    known_modes: dict[str, str | None] = {no_mode: None, **{mode: mode for mode in modes}}

    def decoder(template: str, parse: Parse, expected: str) -> Decode:
        return reading(declaration.reader(template), parse, expected)

    return listen(
        declaration,
        ("state_topic", decoder("state_value_template", one_of("on", switched), " or ".join(switched))),
        ("action_topic", decoder("action_template", _parse_action, f"one of {', '.join(_ACTIONS)}")),
        (
            "current_humidity_topic",
            decoder("current_humidity_template", _humidity("current_humidity", 0, 100, no_humidity), "a humidity"),
        ),
        (
            "target_humidity_state_topic",
            decoder("target_humidity_state_template", _humidity("humidity", low, high, no_humidity), "a humidity"),
        ),
        ("mode_state_topic", decoder("mode_state_template", one_of("mode", known_modes), f"one of {', '.join(modes)}")),
    )


def _parse_action(text: str) -> Facts | None:
    if text == "None":
        return {}
    return {"action": text} if text in _ACTIONS else None


def _humidity(fact: str, low: float, high: float, reset: str) -> Parse:
    def parse(text: str) -> Facts | None:
        if text == reset:
            return {fact: None}
        try:
            value = float(text)
        except ValueError:
            return None
        return {fact: round(value)} if math.isfinite(value) and low <= round(value) <= high else None

    return parse


def _turn(declaration: Declaration, payload_key: str, *, on: bool) -> Act:
    write = declaration.writer("command_template")
    assumed = {"on": on} if declaration.optimistic() else None

    def act(_: Mapping[str, Any], __: Facts) -> Effect:
        return declaration.publish("command_topic", write(declaration.config[payload_key]), assumed)

    return act


def _set(declaration: Declaration, fact: str, stem: str) -> Act:
    write = declaration.writer(f"{stem}_command_template")
    optimistic = declaration.optimistic(f"{stem}_state_topic")

    def act(data: Mapping[str, Any], _: Facts) -> Effect:
        value = data[fact]
        return declaration.publish(f"{stem}_command_topic", write(value), {fact: value} if optimistic else None)

    return act


def _show(facts: Facts) -> tuple[str | None, Mapping[str, Any]]:
    shown = {key: facts[key] for key in ("current_humidity", "humidity") if facts[key] is not None}
    if facts["action"] is not None:
        shown["action"] = facts["action"] if facts["on"] else "off"
    return ON_OFF[facts["on"]], shown


def _show_with_mode(facts: Facts) -> tuple[str | None, Mapping[str, Any]]:
    state, shown = _show(facts)
    return state, {**shown, "mode": facts["mode"]}


HUMIDIFIER = Component(
    domain="humidifier",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Humidifier",
    own_attributes=frozenset({"available_modes", "humidity", "max_humidity", "min_humidity", "mode"}),
)
