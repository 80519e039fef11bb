"""The blueprints that come with Hearth keep what their scenarios promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.blueprints.gallery import SCENARIO_SUFFIX, Blueprints, shipped_folder
from hub.blueprints.scenario import Scenario, load_scenarios, play
from hub.core.records import RunOutcome
from hub.errors import ConfigError, ScenarioFailed

SHIPPED = shipped_folder()
FILES = sorted(SHIPPED.rglob(f"*{SCENARIO_SUFFIX}"))
SCENARIOS = [
    pytest.param(file.relative_to(SHIPPED).as_posix().replace(SCENARIO_SUFFIX, ".yaml"), scenario, id=scenario.name)
    for file in FILES
    for scenario in load_scenarios(file)
]


@pytest.mark.parametrize(("blueprint", "scenario"), SCENARIOS)
async def test_scenarios_go_as_written(tmp_path: Path, blueprint: str, scenario: Scenario) -> None:
    runs = await play(scenario, blueprint, Blueprints(tmp_path))
    assert not [run for run in runs if run.outcome in (None, RunOutcome.ERROR)]


def test_every_shipped_blueprint_has_a_scenario(tmp_path: Path) -> None:
    told = {file.relative_to(SHIPPED).as_posix().replace(SCENARIO_SUFFIX, ".yaml") for file in FILES}
    assert told == set(Blueprints(tmp_path).paths())


def test_shipped_blueprints_are_described(tmp_path: Path) -> None:
    for row in Blueprints(tmp_path).list().values():
        assert row["metadata"]["description"]


async def test_a_scenario_that_goes_otherwise_says_what_was_expected(tmp_path: Path) -> None:
    inputs = {"motion_entity": "binary_sensor.m", "light_target": {"entity_id": "light.l"}}
    steps = ({"state": {"binary_sensor.m": "on"}}, {"expect": [{"action": "light.turn_off"}]})
    scenario = Scenario(name="Wrong", inputs=inputs, steps=steps, home={"binary_sensor.m": "off"})
    with pytest.raises(
        ScenarioFailed,
        match=r"Expected the actions \[\{'action': 'light.turn_off'\}\], got .*light.turn_on.* in 'Wrong'",
    ):
        await play(scenario, "lighting/motion_light.yaml", Blueprints(tmp_path))


def test_a_scenario_that_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x.scenario.yaml"
    file.write_text("- name: X\n  inputs: {}\n  steps:\n    - stat: {}\n")
    with pytest.raises(ConfigError, match=r"x.scenario.yaml:4"):
        load_scenarios(file)
