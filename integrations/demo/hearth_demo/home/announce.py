"""What a device says of itself: Home Assistant's MQTT discovery messages, in each of their forms. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hearth_demo.home.device import Device, Form
from hearth_demo.home.parts import Part
from hearth_demo.layout import AREAS

PREFIX = "homeassistant"
ONLINE, OFFLINE = "online", "offline"
_ORIGIN = {"name": "Hearth demo", "sw_version": "0.1.0"}


def status_topic(device: Device) -> str:
    """Return where a device says that it is online, and its will that it is not."""
    return f"{device.base}/status"


def announcements(device: Device, language: str) -> dict[str, str]:
    """Return the payload of each announcement by its topic."""
    key = device.identity.key
    if device.identity.form is Form.DEVICE:
        return {f"{PREFIX}/device/{key}/config": _dump(_whole(device, language))}
    single = {
        f"{PREFIX}/{part.platform}/{key}/{part.key}/config": _single(device, part, language) for part in device.parts
    }
    short = device.identity.form is Form.SHORT
    return {topic: _dump(_shortened(payload, _SHORT) if short else payload) for topic, payload in single.items()}


def _whole(device: Device, language: str) -> dict[str, Any]:
    components = {
        part.key: {"platform": part.platform, **_expanded(_entity(device, part, language), device.base)}
        for part in device.parts
    }
    return {
        "device": _device(device, language),
        "origin": _ORIGIN,
        "availability_topic": status_topic(device),
        "components": components,
    }


def _single(device: Device, part: Part, language: str) -> dict[str, Any]:
    return {
        "~": device.base,
        **_entity(device, part, language),
        "availability_topic": "~/status",
        "device": _device(device, language),
        "origin": _ORIGIN,
    }


def _entity(device: Device, part: Part, language: str) -> dict[str, Any]:
    return {
        "name": part.name.spoken(language) if part.name else None,
        "unique_id": f"hearth_demo_{device.identity.key}_{part.key}",
        "default_entity_id": f"{part.platform}.{part.entity}",
        **part.config(language),
        **part.extra,
    }


def _device(device: Device, language: str) -> dict[str, Any]:
    identity = device.identity
    return {
        "identifiers": [f"hearth_demo_{identity.key}"],
        "name": identity.name.spoken(language),
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        "sw_version": "1.4.2",
        "suggested_area": AREAS[identity.area].spoken(language),
    }


def _expanded(config: Mapping[str, Any], base: str) -> dict[str, Any]:
    return {key: base + value[1:] if key.endswith("_topic") else value for key, value in config.items()}


def _shortened(config: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    tables = {"device": _SHORT_DEVICE, "origin": _SHORT_ORIGIN}
    return {
        names.get(key, key): _shortened(value, tables[key]) if key in tables else value for key, value in config.items()
    }


def _dump(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False)


_SHORT = {
    "availability_topic": "avty_t",
    "brightness_command_topic": "bri_cmd_t",
    "brightness_scale": "bri_scl",
    "brightness_state_topic": "bri_stat_t",
    "command_topic": "cmd_t",
    "default_entity_id": "def_ent_id",
    "device": "dev",
    "device_class": "dev_cla",
    "entity_category": "ent_cat",
    "event_types": "evt_typ",
    "icon": "ic",
    "max_kelvin": "max_k",
    "min_kelvin": "min_k",
    "on_command_type": "on_cmd_type",
    "options": "ops",
    "origin": "o",
    "oscillation_command_topic": "osc_cmd_t",
    "oscillation_state_topic": "osc_stat_t",
    "percentage_command_topic": "pct_cmd_t",
    "percentage_state_topic": "pct_stat_t",
    "position_topic": "pos_t",
    "set_position_topic": "set_pos_t",
    "speed_range_max": "spd_rng_max",
    "speed_range_min": "spd_rng_min",
    "state_class": "stat_cla",
    "state_topic": "stat_t",
    "supported_color_modes": "sup_clrm",
    "unique_id": "uniq_id",
    "unit_of_measurement": "unit_of_meas",
    "value_template": "val_tpl",
}
_SHORT_DEVICE = {
    "identifiers": "ids",
    "manufacturer": "mf",
    "model": "mdl",
    "suggested_area": "sa",
    "sw_version": "sw",
}
_SHORT_ORIGIN = {"sw_version": "sw"}
