"""The offered actions against what Home Assistant answers to ``get_services``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.entities import DOMAINS, action_table

GOLDEN = Path(__file__).parents[3] / "shared" / "golden" / "hajs.jsonl"
NOT_RECORDED = {"lawn_mower", "todo"}  # the recorded home had none of these
OUR_DOMAINS = sorted(name for name in DOMAINS if DOMAINS[name].actions and name not in NOT_RECORDED)
NOT_OFFERED = {  # and why
    "camera": {"play_stream", "record", "snapshot"},  # pictures are fetched over the API; nothing is streamed or filed
    **{  # these live in the dashboard or in the hub, not in a file that is edited by hand
        domain: {"reload"}
        for domain in (
            "counter",
            "input_boolean",
            "input_button",
            "input_datetime",
            "input_number",
            "input_select",
            "input_text",
            "scene",
            "schedule",
            "timer",
        )
    },
}
NOT_SHOWN_BY_HOME_ASSISTANT = {  # taken by both, shown by us alone
    "light.turn_on": {"kelvin"},
    "light.toggle": {"kelvin", "brightness_step", "brightness_step_pct"},
    "media_player.play_media": {"media_content_id", "media_content_type", "extra"},
}
NEEDED_BY_HOME_ASSISTANT_ONLY = {  # required there
    "media_player.play_media": {"media"},  # ours may be given apart, as older clients do
}
REQUIRED_BY_US_ONLY = {  # shown as optional there, although it is refused without
    "climate.set_hvac_mode": {"hvac_mode"},
    "media_player.select_sound_mode": {"sound_mode"},
}
FEATURES_NOT_SHOWN_BY_HOME_ASSISTANT = {  # it refuses entities without them all the same
    "camera.turn_off": 1,
    "camera.turn_on": 1,
    "update.install": 1,
    "vacuum.clean_spot": 1024,
    "vacuum.send_command": 256,
    "vacuum.set_fan_speed": 32,
    "water_heater.set_away_mode": 4,
    "water_heater.set_operation_mode": 2,
    "water_heater.set_temperature": 1,
    "water_heater.turn_off": 8,
    "water_heater.turn_on": 8,
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    if not GOLDEN.exists():
        pytest.skip("the recorded answers of Home Assistant (../shared/golden) are not here")
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        message = json.loads(line)["m"]
        if isinstance(message, dict) and "persistent_notification" in (message.get("result") or ()):
            found: dict[str, Any] = message["result"]
            return found
    raise AssertionError("no answer to get_services in the recording")


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, field in fields.items():
        flat.update(field.get("fields", {name: field}))
    return flat


@pytest.mark.parametrize("domain", OUR_DOMAINS)
def test_a_domain_offers_the_same_actions(services: dict[str, Any], domain: str) -> None:
    expected = set(services[domain]) - NOT_OFFERED.get(domain, set())
    assert {action.name for action in DOMAINS[domain].actions} == expected


@pytest.mark.parametrize("domain", OUR_DOMAINS)
def test_an_action_takes_the_same_fields(services: dict[str, Any], domain: str) -> None:
    for action in DOMAINS[domain].actions:
        theirs, ours = _flat(services[domain][action.name]["fields"]), action.as_dict()["fields"]
        extra = NOT_SHOWN_BY_HOME_ASSISTANT.get(action.full_name, set())
        assert set(ours) - extra == set(theirs), action.full_name
        needed = {name for name, field in theirs.items() if field.get("required")}
        required = {name for name, field in ours.items() if field["required"]}
        needed -= NEEDED_BY_HOME_ASSISTANT_ONLY.get(action.full_name, set())
        assert required - REQUIRED_BY_US_ONLY.get(action.full_name, set()) == needed, action.full_name


@pytest.mark.parametrize("domain", OUR_DOMAINS)
def test_an_action_needs_the_same_features(services: dict[str, Any], domain: str) -> None:
    for action in DOMAINS[domain].actions:
        theirs, ours = services[domain][action.name], action.as_dict()
        unshown = FEATURES_NOT_SHOWN_BY_HOME_ASSISTANT.get(action.full_name, 0)
        bits = _bits(theirs.get("target"))
        assert _bits(ours.get("target")) == (bits | unshown if bits is not None else None), action.full_name
        assert theirs.get("response") == ours.get("response")


def test_fields_are_offered_to_the_same_entities(services: dict[str, Any]) -> None:
    for name in (
        "light.turn_on",
        "light.turn_off",
        "climate.set_temperature",
        "fan.turn_on",
        "notify.send_message",
        "siren.turn_on",
        "update.install",
    ):
        domain, _, action = name.partition(".")
        ours = action_table().get(name).as_dict()["fields"]
        for field, theirs in _flat(services[domain][action]["fields"]).items():
            assert ours[field].get("filter") == theirs.get("filter"), f"{name} {field}"


def _bits(target: dict[str, Any] | None) -> int | None:
    if target is None:
        return None
    bits = 0
    for alternative in target["entity"][0].get("supported_features", ()):
        bits |= alternative
    return bits
