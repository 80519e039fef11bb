"""The domains against the states that Home Assistant shows of a home with one of nearly everything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.entities import DOMAINS

GOLDEN = Path(__file__).parents[3] / "shared" / "golden" / "hajs.jsonl"
OF_EVERY_ENTITY = {
    "assumed_state",
    "attribution",
    "device_class",
    "entity_picture",
    "friendly_name",
    "icon",
    "supported_features",
    "unit_of_measurement",
}
NOT_DESCRIBED = {
    "alarm_control_panel": {"next_state", "previous_state"},  # of the demonstration alone, like the next
    "device_tracker": {"battery"},
    "light": {"color_temp", "max_mireds", "min_mireds"},  # what became kelvin
    "sensor": {"battery_level"},  # of the demonstration alone
}


@pytest.fixture(scope="module")
def states() -> list[dict[str, Any]]:
    if not GOLDEN.exists():
        pytest.skip("the recorded answers of Home Assistant (../shared/golden) are not here")
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        message = json.loads(line)["m"]
        result = message.get("result") if isinstance(message, dict) else None
        if isinstance(result, list) and result and "entity_id" in result[0]:
            return [state for state in result if state["entity_id"].partition(".")[0] in DOMAINS]
    raise AssertionError("no answer to get_states in the recording")


def test_every_state_is_one_of_its_domain(states: list[dict[str, Any]]) -> None:
    for state in states:
        assert DOMAINS[state["entity_id"].partition(".")[0]].accepts(state["state"]), state["entity_id"]


def test_every_attribute_is_described_by_its_domain(states: list[dict[str, Any]]) -> None:
    unknown: dict[str, set[str]] = {}
    for state in states:
        domain = DOMAINS[state["entity_id"].partition(".")[0]]
        known = {attribute.name for attribute in domain.attributes} | OF_EVERY_ENTITY
        unknown.setdefault(domain.name, set()).update(set(state["attributes"]) - known)
    assert {name: more for name, more in unknown.items() if more} == NOT_DESCRIBED


def test_a_domain_has_features_where_home_assistants_has(states: list[dict[str, Any]]) -> None:
    with_features = {s["entity_id"].partition(".")[0] for s in states if "supported_features" in s["attributes"]}
    without = {s["entity_id"].partition(".")[0] for s in states} - with_features
    ours = {name for name, domain in DOMAINS.items() if "supported_features" in domain.state_attributes(0, {})}
    assert with_features <= ours
    assert not without & ours


def test_every_device_class_is_one_of_its_domain(states: list[dict[str, Any]]) -> None:
    for state in states:
        device_class = state["attributes"].get("device_class")
        if device_class is not None:
            assert device_class in DOMAINS[state["entity_id"].partition(".")[0]].device_classes, state["entity_id"]
