"""cover: open and closed, with or without positions and slats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    TEMPLATE,
    boolean,
    device_class,
    entity_schema,
    keyed,
    string,
    to_publish,
    to_subscribe,
)
from hearth_mqtt.discovery.components.cover_codec import Cover
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Facts
from hearth_mqtt.discovery.model import Component, Model, listen
from hub import DOMAINS

_TOPIC_OF_TEMPLATE = {
    "position_template": "position_topic",
    "set_position_template": "set_position_topic",
    "set_position_topic": "position_topic",
    "tilt_command_template": "tilt_command_topic",
    "tilt_status_template": "tilt_status_topic",
    "value_template": "state_topic",
}


def _check(config: dict[str, Any]) -> dict[str, Any]:
    for key, needed in _TOPIC_OF_TEMPLATE.items():
        if key in config and needed not in config:
            raise vol.Invalid(f"expected {needed} together with {key}")
    if config["position_open"] == config["position_closed"] or config["tilt_max"] == config["tilt_min"]:
        raise vol.Invalid("expected open and closed, and tilt_min and tilt_max, to be different numbers")
    return config


_SCHEMA = entity_schema(
    {
        vol.Optional("optimistic", default=False): boolean,
        vol.Optional("payload_close", default="CLOSE"): vol.Any(None, string),
        vol.Optional("payload_open", default="OPEN"): vol.Any(None, string),
        vol.Optional("payload_stop", default="STOP"): vol.Any(None, string),
        vol.Optional("payload_stop_tilt", default="STOP"): vol.Any(None, string),
        vol.Optional("position_closed", default=0): int,
        vol.Optional("position_open", default=100): int,
        vol.Optional("retain", default=False): boolean,
        vol.Optional("state_closed", default="closed"): string,
        vol.Optional("state_closing", default="closing"): string,
        vol.Optional("state_open", default="open"): string,
        vol.Optional("state_opening", default="opening"): string,
        vol.Optional("state_stopped", default="stopped"): string,
        vol.Optional("tilt_closed_value", default=0): int,
        vol.Optional("tilt_max", default=100): int,
        vol.Optional("tilt_min", default=0): int,
        vol.Optional("tilt_opened_value", default=100): int,
        vol.Optional("tilt_optimistic", default=False): boolean,
    },
    keyed(
        {
            "command_topic": to_publish,
            "device_class": device_class(DOMAINS["cover"].device_classes),
            "position_template": TEMPLATE,
            "position_topic": to_subscribe,
            "set_position_template": TEMPLATE,
            "set_position_topic": to_publish,
            "state_topic": to_subscribe,
            "tilt_command_template": TEMPLATE,
            "tilt_command_topic": to_publish,
            "tilt_status_template": TEMPLATE,
            "tilt_status_topic": to_subscribe,
            "value_template": TEMPLATE,
        }
    ),
    check=_check,
)


def _build(declaration: Declaration) -> Model:
    cover = Cover(declaration)
    return Model(
        show=_show,
        listens=listen(
            declaration,
            ("position_topic", cover.decode_position()),
            ("state_topic", cover.decode_state()),
            ("tilt_status_topic", cover.decode_tilt()),
        ),
        actions={
            "open_cover": cover.move("payload_open", "open", 100),
            "close_cover": cover.move("payload_close", "closed", 0),
            "stop_cover": cover.move("payload_stop", None, None),
            "toggle": cover.toggle(),
            "set_cover_position": cover.set_position(),
            "open_cover_tilt": cover.set_tilt("tilt_opened_value"),
            "close_cover_tilt": cover.set_tilt("tilt_closed_value"),
            "set_cover_tilt_position": cover.set_tilt(),
            "stop_cover_tilt": cover.stop_tilt,
            "toggle_cover_tilt": cover.toggle_tilt(),
        },
        initial={"state": None, "position": None, "tilt": None},
        features=cover.features,
        device_class=declaration.config.get("device_class"),
        assumed_state=cover.optimistic,
    )


def _show(facts: Facts) -> tuple[str | None, Mapping[str, Any]]:
    shown = {"current_position": facts["position"], "current_tilt_position": facts["tilt"]}
    return facts["state"], {key: value for key, value in shown.items() if value is not None}


COVER = Component(
    domain="cover",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Cover",
    own_attributes=frozenset({"current_position", "current_tilt_position"}),
)
