"""Scenarios: a blueprint's promise in YAML. Events in, the agent's replies, actions expected; time is simulated.

A scenario file lies beside its blueprint and holds a list of::

    - name: Motion turns the light on
      inputs: {motion_entity: binary_sensor.hall, light_target: {entity_id: light.hall}}
      home: {binary_sensor.hall: "off", light.hall: {state: "off", area: hall}}
      agent: {"turn on the lamp": {calls: [{action: light.turn_on, target: {entity_id: light.hall}}], confidence: 0.9}}
      steps:
        - state: {binary_sensor.hall: "on"}          # or event: {event_type: x}, trigger: {platform: mqtt, topic: ..}
        - after: "00:01:00"
        - expect: [{action: light.turn_on, target: {entity_id: light.hall}}]
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import voluptuous as vol

from hub.blueprints.automation import make_automation
from hub.blueprints.gallery import Blueprints
from hub.blueprints.kinds import KINDS
from hub.blueprints.parsing import Parsing
from hub.blueprints.runner import Runner
from hub.blueprints.stage import Stage
from hub.blueprints.values import anything, duration_text, optional, required, seconds
from hub.config.validation import checked
from hub.config.yaml import load_file
from hub.core.actions import Action
from hub.core.context import Context
from hub.core.events import Event
from hub.core.records import Run
from hub.errors import HubError, ScenarioFailed

_START = dt.datetime(2024, 1, 1, 12, 0, tzinfo=dt.UTC)
_EXPECTED = vol.Schema({**required(action=str), **optional(target=dict, data=dict)})
_EVENT = vol.Schema({**required(event_type=str), **optional(event_data=dict)})
_TRIGGER = vol.Schema(required(platform=str), extra=vol.ALLOW_EXTRA)
_STEP = vol.Schema(
    vol.All(
        optional(state=dict, event=_EVENT, trigger=_TRIGGER, after=duration_text, expect=vol.Any([_EXPECTED], None)),
        vol.Length(min=1, max=1),
    )
)
_SCENARIO = vol.Schema(
    {**required(name=str, inputs=dict, steps=[_STEP]), **optional(home=dict, agent=dict, start=anything)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario; the module's docstring shows its form."""

    name: str
    inputs: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]
    home: Mapping[str, Any] = field(default_factory=dict)
    agent: Mapping[str, Any] = field(default_factory=dict)
    start: dt.datetime = _START


def load_scenarios(file: Path) -> list[Scenario]:
    """Return the scenarios of a file.

    Raises ConfigError naming file and line.
    """
    rows = checked(vol.Schema([dict]), load_file(file), "a list of scenarios")
    return [_scenario(checked(_SCENARIO, row, "a scenario")) for row in rows]


async def play(scenario: Scenario, blueprint: str, blueprints: Blueprints) -> list[Run]:
    """Play a scenario on the blueprint of that path; return the runs that there were.

    Raises ScenarioFailed with what was expected and what came, ConfigError if the blueprint does not take the inputs.
    """
    stage = Stage(scenario.home, scenario.agent, scenario.start)
    parsing = Parsing(KINDS, stage.templates, lambda _: True)
    config = {"alias": scenario.name, "use_blueprint": {"path": blueprint, "input": scenario.inputs}}
    automation = make_automation(config, "scenario", parsing, blueprints)
    runs: list[Run] = []
    async with asyncio.TaskGroup() as tasks:
        runner = Runner(
            automation,
            "automation.scenario",
            stage.ports,
            tasks,
            ended=lambda run, _: runs.append(run),
            changed=lambda _: None,
        )
        runner.enable()
        problem = await _problem(scenario, stage)
        runner.disable()
    if problem is not None:
        raise problem
    return runs


async def _problem(scenario: Scenario, stage: Stage) -> HubError | None:
    """Play all steps; return what went otherwise rather than raise it, which a task group would wrap."""
    try:
        for step in scenario.steps:
            await _play(step, stage, scenario)
    except HubError as error:
        return error
    return None


def _scenario(row: Mapping[str, Any]) -> Scenario:
    start = dt.datetime.fromisoformat(str(row["start"])).replace(tzinfo=dt.UTC) if "start" in row else _START
    given = {key: row[key] for key in ("home", "agent") if key in row}
    return Scenario(name=row["name"], inputs=row["inputs"], steps=tuple(row["steps"]), start=start, **given)


async def _play(step: Mapping[str, Any], stage: Stage, scenario: Scenario) -> None:
    (kind, value), *_ = step.items()
    await _DEEDS[kind](stage, value)
    await stage.clock.settle()
    if kind == "expect":
        _compare(value or [], stage.take_actions(), scenario)


async def _change(stage: Stage, states: Mapping[str, Any]) -> None:
    for entity_id, state in states.items():
        stage.set(entity_id, state)


async def _publish(stage: Stage, event: Mapping[str, Any]) -> None:
    stage.bus.publish(
        Event(event["event_type"], event.get("event_data") or {}, Context("scenario"), stage.clock.time())
    )


async def _trigger(stage: Stage, variables: Mapping[str, Any]) -> None:
    stage.triggers.fire(variables)


async def _wait(stage: Stage, duration: Any) -> None:
    await stage.clock.advance(seconds(duration))


async def _nothing(stage: Stage, _: Any) -> None:
    """Expectations are compared once everything has settled."""


_DEEDS: Mapping[str, Callable[[Stage, Any], Any]] = {
    "state": _change,
    "event": _publish,
    "trigger": _trigger,
    "after": _wait,
    "expect": _nothing,
}


def _compare(expected: list[Mapping[str, Any]], actual: list[Action], scenario: Scenario) -> None:
    shown = [{"action": a.name, "target": a.target.as_dict(), "data": dict(a.data)} for a in actual]
    if len(expected) != len(actual) or not all(map(_matches, expected, actual)):
        raise ScenarioFailed(
            f"Expected the actions {[dict(row) for row in expected]}, got {shown} in {scenario.name!r}"
        )


def _matches(expected: Mapping[str, Any], actual: Action) -> bool:
    target = {key: [value] if isinstance(value, str) else value for key, value in expected.get("target", {}).items()}
    data = expected.get("data", {})
    return (
        actual.name == expected["action"]
        and ("target" not in expected or actual.target.as_dict() == target)
        and all(actual.data.get(key) == value for key, value in data.items())
    )
