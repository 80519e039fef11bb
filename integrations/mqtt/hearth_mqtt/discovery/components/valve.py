"""valve: open and closed, with or without a position. 100 is open, 0 is closed, whatever the device's own numbers are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    RETAINED,
    TEMPLATE,
    boolean,
    device_class,
    entity_schema,
    keyed,
    string,
    to_publish,
    to_subscribe,
)
from hearth_mqtt.discovery.components.valve_codec import Valve
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.model import Component, Model, listen
from hub import DOMAINS

_WITHOUT_POSITION = {"payload_close": "CLOSE", "payload_open": "OPEN", "state_closed": "closed", "state_open": "open"}


def _check(config: dict[str, Any]) -> dict[str, Any]:
    if config["reports_position"] and config.keys() & _WITHOUT_POSITION.keys():
        raise vol.Invalid(f"expected none of {', '.join(_WITHOUT_POSITION)} together with reports_position")
    if config["position_open"] == config["position_closed"]:
        raise vol.Invalid("expected open and closed to be different numbers")
    return {**_WITHOUT_POSITION, **config}


_SCHEMA = entity_schema(
    RETAINED,
    {
        vol.Optional("optimistic", default=False): boolean,
        vol.Optional("position_closed", default=0): vol.Coerce(int),
        vol.Optional("position_open", default=100): vol.Coerce(int),
        vol.Optional("reports_position", default=False): boolean,
        vol.Optional("state_closing", default="closing"): string,
        vol.Optional("state_opening", default="opening"): string,
    },
    keyed(dict.fromkeys(("payload_close", "payload_open", "payload_stop"), vol.Any(None, string))),
    keyed(
        {
            "command_template": TEMPLATE,
            "command_topic": to_publish,
            "device_class": device_class(DOMAINS["valve"].device_classes),
            "state_closed": string,
            "state_open": string,
            "state_topic": to_subscribe,
            "value_template": TEMPLATE,
        }
    ),
    check=_check,
)


def _build(declaration: Declaration) -> Model:
    valve = Valve(declaration)
    return Model(
        show=_show_position if valve.has_position else lambda facts: (facts["state"], {}),
        listens=listen(declaration, ("state_topic", valve.decoder())),
        actions={
            "open_valve": valve.open,
            "close_valve": valve.close,
            "stop_valve": valve.stop,
            "set_valve_position": lambda data, _: valve.move_to(data["position"]),
            "toggle": valve.toggle,
        },
        initial={"state": None, "position": None, "opens": True},
        features=int(valve.features),
        device_class=declaration.config.get("device_class"),
        assumed_state=valve.optimistic,
    )


def _show_position(facts: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    return facts["state"], {"current_position": facts["position"]}


VALVE = Component(
    domain="valve",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Valve",
    own_attributes=frozenset({"current_position"}),
)
