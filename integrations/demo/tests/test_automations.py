from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from hearth_demo.furnish import _filled, automations
from hearth_demo.home.house import House
from hearth_demo.layout import layout

_ENTITY = re.compile(r"\b(?:light|event|text|sensor|binary_sensor)\.[a-z_]+\b")


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, str):
        yield value


def test_automations_speak_of_entities_that_the_home_has() -> None:
    known = {f"{part.platform}.{part.entity}" for device in House().devices for part in device.parts}
    services = {"light.turn_on", "light.turn_off"}
    named = {name for one in automations("en") for text in texts(one) for name in _ENTITY.findall(text)} - services
    assert named
    assert named <= known


def test_areas_and_language_are_filled_in_as_the_hub_knows_them() -> None:
    words = {f"${area.key}": f"id of {area.name}" for floor in layout() for area in floor.areas}
    [panel] = [one for one in automations("en") if one["id"] == "demo_wall_panel"]
    filled = _filled(panel, {**words, "$language": "en"})["use_blueprint"]["input"]
    assert filled["allowed_areas"][0] == "id of Living room"
    assert "id of Garage" not in filled["allowed_areas"]
    assert (filled["language"], filled["panel_area"]) == ("en", "id of Hallway")
    assert not any(text.startswith("$") for text in texts(filled))


@pytest.mark.parametrize(("language", "alias"), [("en", "Hallway light on motion"), ("zh-CN", "门厅有人时开灯")])
def test_automations_are_named_in_the_home_s_language(language: str, alias: str) -> None:
    made = {one["id"]: one for one in automations(language)}
    assert made["demo_hallway_light"]["alias"] == alias
    assert not any("names" in one for one in made.values())
