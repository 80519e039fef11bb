"""Blueprints: their form, their inputs, and where they are found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.blueprints.blueprint import Blueprint, parse_blueprint
from hub.blueprints.gallery import Blueprints
from hub.config.yaml import load_text, locate, unmarked
from hub.errors import ConfigError, NotFound

ROOT = Path(__file__).parents[2]
MINE = """\
blueprint:
  name: Mine
  domain: automation
  homeassistant:
    min_version: 2024.6.0
  input:
    motion:
      name: Motion
      selector:
        entity:
    more:
      name: More
      input:
        wait:
          default: 5
          selector: {number: {min: 0, max: 10}}
        steps:
          default: []
triggers:
  - trigger: state
    entity_id: !input motion
    for: !input wait
actions: !input steps
"""


def mine(text: str = MINE) -> Blueprint:
    return parse_blueprint(load_text(text, "mine.yaml"), "mine.yaml")


def used(**inputs: Any) -> dict[str, Any]:
    return {"id": "1", "alias": "A", "use_blueprint": {"path": "mine.yaml", "input": inputs}}


def test_inputs_are_found_in_sections_too() -> None:
    assert {name: (item.required, item.default) for name, item in mine().inputs.items()} == {
        "motion": (True, None), "wait": (False, 5), "steps": (False, []),
    }  # fmt: skip


def test_inputs_take_their_places_and_the_automations_own_keys_win() -> None:
    made = mine().instantiate({**used(motion="binary_sensor.m", steps=[{"delay": 1}]), "mode": "restart"})
    assert unmarked(made) == {
        "triggers": [{"trigger": "state", "entity_id": "binary_sensor.m", "for": 5}],
        "actions": [{"delay": 1}], "id": "1", "alias": "A", "mode": "restart",
    }  # fmt: skip
    assert locate(made, ["triggers", 0, "entity_id"]) == ("mine.yaml", 21)


def test_instances_do_not_share_what_they_may_change() -> None:
    blueprint = mine()
    first, second = (blueprint.instantiate(used(motion="a.b")) for _ in range(2))
    first["triggers"][0]["entity_id"] = "x.y"
    assert second["triggers"][0]["entity_id"] == "a.b"


def test_missing_inputs_are_named_with_their_place() -> None:
    config = load_text("alias: A\nuse_blueprint:\n  path: mine.yaml\n", "automations/a.yaml")
    with pytest.raises(
        ConfigError, match=r"Expected the inputs motion of the blueprint mine.yaml.*\(automations/a.yaml:2\)"
    ):
        mine().instantiate(config)


def test_what_it_was_written_for_is_a_note() -> None:
    assert mine().notes == ("mine.yaml was written for Home Assistant 2024.6.0 or newer",)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("triggers: []\n", "Expected a blueprint: a mapping with the key 'blueprint'", 1),
        ("- a\n", "Expected a blueprint", 1),
        ("blueprint:\n  name: X\n", "Expected the key 'domain' in the blueprint: add it", 2),
        ("blueprint:\n  name: X\n  domain: robot\n", "for 'domain' of the blueprint", 3),
        ("blueprint:\n  name: X\n  domain: automation\n  sauce: x\n", "Expected one of the keys", 4),
        (
            "blueprint:\n  name: X\n  domain: automation\n  input:\n    a:\n      selectr: {}\n",
            "did you mean 'selector'?",
            6,
        ),
        (
            "blueprint:\n  name: X\n  domain: automation\n  input:\n    a:\n      selector: 5\n",
            "Expected one selector",
            6,
        ),
        ("blueprint:\n  name: X\n  domain: automation\nactions:\n  - x: !input a\n", "(none), got 'a': define it", 5),
        ("blueprint:\n  name: X\n  domain: automation\n  input: [a]\n", "for 'input' of the blueprint", 4),
    ],
)
def test_what_is_wrong_with_a_blueprint_is_named_with_its_line(text: str, message: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        mine(text)
    assert message in str(caught.value)
    assert caught.value.line == line


def folder(tmp_path: Path) -> Path:
    place = tmp_path / "blueprints" / "automation" / "me"
    place.mkdir(parents=True)
    return place


def test_blueprints_are_listed_as_in_home_assistant(tmp_path: Path) -> None:
    (folder(tmp_path) / "mine.yaml").write_text(MINE)
    (folder_of(tmp_path) / "broken.yaml").write_text("blueprint: [\n")
    found = Blueprints(tmp_path).list()
    assert found["me/mine.yaml"]["metadata"]["input"]["more"]["input"]["wait"]["default"] == 5
    assert "(blueprints/automation/me/broken.yaml:1)" in found["me/broken.yaml"]["error"]
    assert "lighting/motion_light.yaml" in found
    assert not [path for path in found if "scenario" in path]
    json.dumps(found)


def folder_of(tmp_path: Path) -> Path:
    return tmp_path / "blueprints" / "automation" / "me"


def test_scripts_are_apart_from_automations(tmp_path: Path) -> None:
    place = tmp_path / "blueprints" / "script"
    place.mkdir(parents=True)
    (place / "s.yaml").write_text("blueprint: {name: S, domain: script}\nsequence: []\n")
    (place / "a.yaml").write_text("blueprint: {name: A, domain: automation}\n")
    blueprints = Blueprints(tmp_path)
    assert blueprints.get("s.yaml", "script").name == "S"
    assert list(blueprints.list("script")) == ["a.yaml", "s.yaml"]
    with pytest.raises(ConfigError, match="Expected a blueprint for the domain script, got one for automation"):
        blueprints.get("a.yaml", "script")
    with pytest.raises(NotFound):
        blueprints.get("s.yaml")


def test_the_users_own_comes_before_the_shipped_one_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    own = tmp_path / "blueprints" / "automation" / "lighting" / "motion_light.yaml"
    blueprints = Blueprints(tmp_path)
    assert blueprints.get("lighting/motion_light.yaml").name == "Light on motion"
    own.parent.mkdir(parents=True)
    own.write_text("blueprint: {name: My own, domain: automation}\n")
    assert blueprints.get("lighting/motion_light.yaml").name == "My own"


@pytest.mark.parametrize("path", ["../x.yaml", "/etc/passwd", "a/../../x.yaml"])
def test_blueprints_stay_in_their_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError, match="Expected a path below blueprints/automation"):
        Blueprints(tmp_path).get(path)
