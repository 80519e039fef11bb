"""Automations as files and as entities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.blueprints import check_folder
from hub.config.yaml import load_file
from hub.core.actions import Action, Target
from hub.core.callers import Caller
from hub.core.context import Context
from hub.core.records import RunOutcome
from hub.core.state import UNAVAILABLE
from hub.errors import ConfigError, InvalidInput, NotFound
from tests.blueprints.conftest import Hub, MakeHub

GO = {"trigger": "event", "event_type": "go"}
ON = {"action": "light.turn_on", "target": {"entity_id": "light.lamp"}}
GOOD: dict[str, Any] = {"alias": "Hall light", "triggers": GO, "actions": ON}


def status(hub: Hub) -> dict[str, str]:
    return {record.id: record.status for record in hub.automations.records()}


def state(hub: Hub, entity_id: str) -> str:
    found = hub.states.get(entity_id)
    assert found is not None
    return found.state


async def act(hub: Hub, action: str, **data: Any) -> None:
    """Do it as a user does."""
    target = Target(entity_id=("automation.hall_light",)) if action != "reload" else Target()
    dispatcher = hub.automations._ports.actions
    result = await dispatcher.call(
        Action(name=f"automation.{action}", target=target, data=data), context=Context("user"), caller=Caller.user("u")
    )
    assert result.ok, result.error
    await hub.settle()


async def test_automations_are_found_in_their_folder_and_in_the_list(hub: Hub) -> None:
    hub.write("hall", GOOD)
    hub.write("old", {"id": "1700", "alias": "Old form", "trigger": {"platform": "event", "event_type": "go"}, "action": [
        {"service": "light.turn_on", "entity_id": "light.lamp"}]})  # fmt: skip
    (hub.folder / "automations.yaml").write_text(
        "- id: 'listed'\n  alias: Listed\n  trigger: []\n  action: []\n- alias: No id\n  triggers: []\n  actions: []\n"
    )
    await hub.start()
    assert [(record.id, record.file, record.line, record.entity_id) for record in hub.automations.records()] == [
        ("hall", "automations/hall.yaml", 1, "automation.hall_light"),
        ("1700", "automations/old.yaml", 1, "automation.old_form"),
        ("listed", "automations.yaml", 1, "automation.listed"),
        ("no_id", "automations.yaml", 5, "automation.no_id"),
    ]
    hub.fire("go")
    await hub.settle()
    assert hub.outcomes == [RunOutcome.FINISHED] * 2


BROKEN: list[tuple[str, str, int]] = [
    ("alias: [", "Expected YAML", 1),
    ("- just a list\n", "Expected an automation: a mapping with triggers and actions, got str", 1),
    ("", "Expected an automation: a mapping with triggers and actions, got nothing", 1),
    ("alias: x\ntriggers: []\n", "Expected the key 'actions' in an automation: add it", 1),
    ("alias: x\ntriggers: []\nactions: []\nmodus: single\n", "got 'modus': did you mean 'mode'?", 4),
    ("triggers: []\nactions: []\nmode: twice\n", "for 'mode' of an automation", 3),
    ("triggers: []\nactions: []\nmode: queued\nmax: 1\n", "for 'max' of an automation", 4),
    ("triggers:\n  - trigger: stat\nactions: []\n", "got 'stat' at trigger/0", 2),
    ("triggers:\n  - event_type: x\nactions: []\n", "Expected a mapping with the key 'trigger' at trigger/0", 2),
    ("triggers:\n  - trigger: state\n    entity_id: light.a\n    form: 'on'\nactions: []\n", "got 'form': did you mean", 4),
    ("triggers:\n  - trigger: state\n    entity_id: nonsense\nactions: []\n", "Expected an entity id such as light.kitchen", 3),
    ("triggers:\n  - trigger: state\n    entity_id: a.b\n    from: x\n    not_from: y\nactions: []\n", "got both: remove one", 5),
    ("triggers:\n  - trigger: state\n    entity_id: a.b\n    for: soon\nactions: []\n", "Expected a duration such as", 4),
    ("triggers:\n  - trigger: numeric_state\n    entity_id: a.b\nactions: []\n", "Expected 'above' or 'below'", 2),
    ("triggers:\n  - trigger: time\n    at: '25:00'\nactions: []\n", "Expected a time such as 07:30:00", 3),
    ("triggers:\n  - trigger: time_pattern\n    minutes: 61\nactions: []\n", "expected a number below 60".capitalize(), 2),
    ("triggers:\n  - trigger: time_pattern\nactions: []\n", "Expected 'hours', 'minutes' or 'seconds'", 2),
    ("triggers: []\nconditions:\n  - condition: moon\nactions: []\n", "Expected a condition of state", 3),
    ("triggers: []\nconditions:\n  - condition: time\nactions: []\n", "Expected 'after', 'before' or 'weekday'", 3),
    ("triggers: []\nconditions: 5\nactions: []\n", "Expected a condition or a template at condition/0, got 5", 2),
    ("triggers: []\nactions:\n  - light.turn_on\n", "Expected a step at action/0, got 'light.turn_on'", 3),
    ("triggers: []\nactions:\n  - actoin: light.turn_on\n", "got the keys actoin", 3),
    ("triggers: []\nactions:\n  - action: turn_on\n", "Expected an action such as light.turn_on at action/0", 3),
    ("triggers: []\nactions:\n  - action: light.turn_on\n    traget: {}\n", "got 'traget': did you mean 'target'?", 4),
    ("triggers: []\nactions:\n  - choose:\n      - conditions: []\n", "Expected the key 'sequence' in the option action/0/choose/0", 4),
    ("triggers: []\nactions:\n  - if: '{{ x'\n    then: []\n", "Expected a template, got", 3),
    ("triggers: []\nactions:\n  - variables: [1]\n", "Expected names and values", 3),
    ("triggers: []\nactions:\n  - agent: {command: x, capabilities: []}\n", "for 'capabilities' of the agent step action/0", 3),
    ("triggers: []\nactions:\n  - agent: {command: x, capabilities: [{action: light.*, area: []}]}\n",
     "Expected at least one, got none: leave the key out to mean any, for 'area'", 3),
    ("triggers: []\nactions:\n  - agent: {command: x, capabilities: [{action: l.*}], confidence: 2}\n", "for 'confidence'", 3),
    ("use_blueprint:\n  path: nowhere.yaml\n", "got 'nowhere.yaml': there is none", 2),
    ("use_blueprint:\n  path: ../../secrets.yaml\n", "Expected a path below blueprints/automation", 0),
    ("use_blueprint: {input: {}}\n", "Expected the key 'path' in use_blueprint", 1),
    ("use_blueprint:\n  path: lighting/motion_light.yaml\n  input:\n    motion_entity: a.b\n", "Expected the inputs light_target of the blueprint", 1),
    ("triggers: []\nactions: []\ntrigger_variables:\n  x: \"{{ states('a.b') }}\"\n", "does not look at the home here", 4),
    ("triggers:\n  - trigger: homeassistant\n    event: stop\nactions: []\n", "for 'event' of a homeassistant trigger", 3),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "line"), BROKEN)
async def test_what_is_wrong_is_named_with_file_and_line_and_the_rest_starts(
    hub: Hub, text: str, message: str, line: int
) -> None:
    hub.write("broken", text)
    hub.write("hall", GOOD)
    await hub.start()
    record = next(record for record in hub.automations.records() if record.file == "automations/broken.yaml")
    assert record.status == "broken"
    assert message in str(record.reason)
    assert str(record.reason).endswith(f"(automations/broken.yaml:{line})" if line else "(automations/broken.yaml)")
    hub.fire("go")
    await hub.settle()
    assert hub.called == ["light.turn_on lamp"]
    offers = {"toy"}.__contains__
    assert [str(error) for error in check_folder(hub.folder, offers)] == [record.reason]


async def test_a_broken_automation_is_shown_as_unavailable(hub: Hub) -> None:
    hub.write("broken", {**GOOD, "alias": "Broken one", "mode": "twice"})
    await hub.start()
    assert state(hub, "automation.broken_one") == UNAVAILABLE


async def test_of_two_automations_with_one_id_the_first_counts(hub: Hub) -> None:
    hub.write("a", {**GOOD, "id": "same"})
    hub.write("b", {**GOOD, "id": "same"})
    await hub.start()
    first, second = hub.automations.records()
    assert (first.status, second.status) == ("loaded", "broken")
    assert "Expected an id of its own, got 'same', which automations/a.yaml:1 has: change one" in str(second.reason)


async def test_an_automation_is_turned_off_and_on(hub: Hub) -> None:
    hub.write("hall", GOOD)
    await hub.start()
    for action, expected in (
        ("turn_off", "off"),
        ("toggle", "on"),
        ("toggle", "off"),
        ("turn_on", "on"),
        ("turn_on", "on"),
    ):
        await act(hub, action)
        assert state(hub, "automation.hall_light") == expected
        hub.fire("go")
        await hub.settle()
    assert hub.called == ["light.turn_on lamp"] * 3


async def test_an_automation_is_run_by_hand_with_or_without_its_conditions(hub: Hub) -> None:
    hub.write("hall", {**GOOD, "conditions": "{{ false }}"})
    await hub.start()
    await act(hub, "trigger")
    await act(hub, "trigger", skip_condition=False)
    assert hub.outcomes == [RunOutcome.FINISHED, RunOutcome.FAILED_CONDITIONS]
    assert [step.path for step in hub.runs.all[0].steps] == ["trigger", "action/0"]
    assert hub.runs.all[0].steps[0].kind == "manual"


@pytest.mark.parametrize(
    ("initial", "before", "after"), [(None, "off", "off"), (True, "off", "on"), (False, "on", "off")]
)
async def test_on_and_off_outlast_a_restart_unless_the_author_decides(
    make_hub: MakeHub, initial: bool | None, before: str, after: str
) -> None:
    hub = await make_hub()
    config = GOOD if initial is None else {**GOOD, "initial_state": initial}
    hub.write("hall", config)
    await hub.start()
    hub.fire("go")
    await act(hub, "turn_on" if before == "on" else "turn_off")
    again = await make_hub()
    await again.start()
    assert state(again, "automation.hall_light") == after
    if initial is not False:
        assert again.states.get("automation.hall_light").attributes["last_triggered"] is not None  # type: ignore[union-attr]


async def test_reloading_leaves_what_has_not_changed_alone(hub: Hub) -> None:
    hub.write("hall", {**GOOD, "actions": [{"delay": 60}, ON]})
    hub.write("other", {**GOOD, "alias": "Other", "actions": [{"delay": 60}]})
    hub.write("gone", {**GOOD, "alias": "Gone", "actions": []})
    await hub.start()
    hub.fire("go")
    await hub.settle()
    hub.write("other", {**GOOD, "alias": "Other now", "actions": []})
    (hub.folder / "automations" / "gone.yaml").unlink()
    await act(hub, "reload")
    assert status(hub) == {"hall": "loaded", "other": "loaded"}
    assert [run.automation_id for run in hub.automations.running()] == ["hall"]
    assert hub.states.get("automation.gone") is None
    assert hub.states.get("automation.other").attributes["friendly_name"] == "Other now"  # type: ignore[union-attr]
    await hub.clock.advance(60)
    assert hub.called == ["light.turn_on lamp"]


async def test_a_blueprint_that_changed_changes_its_automations_on_reload(hub: Hub) -> None:
    blueprint = hub.folder / "blueprints" / "automation" / "mine.yaml"
    blueprint.parent.mkdir(parents=True)
    text = "blueprint: {name: Mine, domain: automation}\ntriggers: [{trigger: event, event_type: %s}]\nactions: [{event: done}]\n"
    blueprint.write_text(text % "one")
    hub.write("mine", {"alias": "Mine", "use_blueprint": {"path": "mine.yaml"}})
    await hub.start()
    blueprint.write_text(text % "twofold")
    await hub.automations.reload()
    hub.fire("one")
    hub.fire("twofold")
    await hub.settle()
    assert hub.outcomes == [RunOutcome.FINISHED]


async def test_an_automation_is_written_read_and_deleted(hub: Hub) -> None:
    await hub.start()
    await hub.automations.write("hall", GOOD)
    assert load_file(hub.folder / "automations" / "hall.yaml") == {"id": "hall", **GOOD}
    assert hub.automations.config("hall") == {"id": "hall", **GOOD}
    hub.fire("go")
    await hub.settle()
    assert hub.called == ["light.turn_on lamp"]
    await hub.automations.write("hall", {**GOOD, "alias": "Changed"})
    assert state(hub, "automation.hall_light") == "on"
    await hub.automations.delete("hall")
    assert hub.states.get("automation.hall_light") is None
    assert not (hub.folder / "automations" / "hall.yaml").exists()
    with pytest.raises(NotFound, match="Expected the id of an automation, got 'hall'"):
        hub.automations.config("hall")


@pytest.mark.parametrize("id_", ["", "../x", "a/b", "a b", ".hidden", "x" * 65, "\n"])
async def test_nothing_is_written_outside_the_folder(hub: Hub, id_: str) -> None:
    await hub.start()
    with pytest.raises(InvalidInput, match="Expected an id of 1 to 64 letters"):
        await hub.automations.write(id_, GOOD)
    assert not (hub.folder / "automations").exists()


async def test_what_is_wrong_is_not_written(hub: Hub) -> None:
    hub.write("hall", GOOD)
    await hub.start()
    with pytest.raises(ConfigError, match="Expected a condition of"):
        await hub.automations.write("hall", {**GOOD, "conditions": {"condition": "moon"}})
    assert hub.automations.config("hall") == GOOD


async def test_an_automation_of_the_list_is_edited_there(hub: Hub) -> None:
    (hub.folder / "automations.yaml").write_text("- {id: listed, triggers: [], actions: []}\n")
    await hub.start()
    for change in (hub.automations.write("listed", GOOD), hub.automations.delete("listed")):
        with pytest.raises(InvalidInput, match=r"got 'listed': edit automations\.yaml"):
            await change


async def test_a_broken_automation_can_be_read_and_mended(hub: Hub) -> None:
    hub.write("hall", {**GOOD, "mode": "twice"})
    await hub.start()
    assert hub.automations.config("hall")["mode"] == "twice"
    await hub.automations.write("hall", GOOD)
    assert status(hub) == {"hall": "loaded"}
    assert state(hub, "automation.hall_light") == "on"


async def test_an_unreadable_file_says_why(hub: Hub) -> None:
    hub.write("hall", "alias: [")
    await hub.start()
    with pytest.raises(ConfigError, match=r"\(automations/hall.yaml:1\)"):
        hub.automations.config("hall")


async def test_secrets_reach_the_device_and_no_record(hub: Hub) -> None:
    (hub.folder / "secrets.yaml").write_text("code: hunter2\n")
    hub.write(
        "hall",
        "alias: Hall light\ntriggers: {trigger: event, event_type: go}\nactions:\n  - event: told\n    event_data: {code: !secret code}\n",
    )
    heard: list[Any] = []
    hub.bus.listen("told", heard.append)
    await hub.start()
    hub.fire("go")
    await hub.settle()
    assert heard[0].data == {"code": "hunter2"}
    assert "hunter2" not in str(hub.last.as_dict())
    assert hub.automations.config("hall")["actions"][0]["event_data"] == {"code": "!secret code"}


async def test_an_unknown_input_is_noted_and_the_automation_works(hub: Hub) -> None:
    inputs = {"motion_entity": "binary_sensor.m", "light_target": {"entity_id": "light.lamp"}, "brightnes": 5}
    hub.write("hall", {"alias": "Hall light", "use_blueprint": {"path": "lighting/motion_light.yaml", "input": inputs}})
    await hub.start()
    (record,) = hub.automations.records()
    assert (record.status, record.blueprint) == ("loaded", "lighting/motion_light.yaml")
    assert record.problems == ("The blueprint lighting/motion_light.yaml has no input brightnes: remove it",)
    hub.set("binary_sensor.m", "on")
    await hub.settle()
    assert hub.called == ["light.turn_on lamp"]
    (run,) = hub.automations.running()
    assert (run.blueprint, run.inputs) == ("lighting/motion_light.yaml", inputs)


async def test_many_automations_are_kept_apart(hub: Hub) -> None:
    for number in range(30):
        hub.write(f"a{number}", {"alias": f"A{number}", "triggers": {"trigger": "state", "entity_id": f"sensor.s{number}"}, "actions": [
            {"event": "done", "event_data": {"n": number}}]})  # fmt: skip
    await hub.start()
    hub.set("sensor.s7", "on")
    await hub.settle()
    assert [run.automation_id for run in hub.runs.all] == ["a7"]


def test_an_empty_folder_has_nothing_wrong(tmp_path: Path) -> None:
    assert check_folder(tmp_path) == []


def test_broken_blueprints_are_found_too(tmp_path: Path) -> None:
    folder = tmp_path / "blueprints" / "automation"
    folder.mkdir(parents=True)
    (folder / "x.yaml").write_text("blueprint:\n  name: X\n")
    (error,) = check_folder(tmp_path)
    assert str(error) == "Expected the key 'domain' in the blueprint: add it (blueprints/automation/x.yaml:2)"
