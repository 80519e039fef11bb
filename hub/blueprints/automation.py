"""One automation, ready to run: made from configuration, with or without a blueprint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import voluptuous as vol

from hub.blueprints.blueprint import given_inputs
from hub.blueprints.elements import PlacedCondition, PlacedStep, PlacedTrigger
from hub.blueprints.gallery import Blueprints
from hub.blueprints.parsing import Parsing, renamed
from hub.blueprints.triggers.device import DeviceTrigger
from hub.blueprints.values import anything, boolean, optional, required, text, variables
from hub.config.marks import unmarked, where
from hub.config.validation import checked, refused
from hub.errors import ConfigError, NotFound, TemplateError

DEFAULT_MAX = 10
"""Runs at once of a queued or parallel automation, unless it says otherwise."""


class Mode(StrEnum):
    """What a trigger does while a run is going on."""

    SINGLE = "single"
    RESTART = "restart"
    QUEUED = "queued"
    PARALLEL = "parallel"


def _lower(value: Any) -> str:
    return str(value).strip().lower()


_LEVELS = ("silent", "debug", "info", "warning", "warn", "error", "critical", "fatal", "notset")
_SCHEMA = vol.Schema(
    {
        **required(triggers=anything, actions=anything),
        **optional(
            id=text, alias=text, description=anything, initial_state=boolean, trace=dict, metadata=anything, icon=text,
            mode=vol.All(_lower, vol.In([mode.value for mode in Mode])),
            max=vol.All(vol.Coerce(int), vol.Range(min=2)),
            max_exceeded=vol.All(_lower, vol.In(_LEVELS)),
            conditions=anything, variables=variables, trigger_variables=variables,
        ),
    }
)  # fmt: skip
_USE = vol.Schema({**required(path=str), **optional(input=vol.Any({str: anything}, None))})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Automation:
    """An automation: what it waits for, on what conditions, and what it does.

    ``full`` is its configuration with the blueprint's part, ``config`` the same as plain data without secrets. ``notes``
    are what a user should know although it works.
    """

    id: str
    alias: str
    mode: Mode = Mode.SINGLE
    max_runs: int = 1
    silent: bool = False
    initial_state: bool | None = None
    triggers: tuple[PlacedTrigger, ...] = ()
    conditions: tuple[PlacedCondition, ...] = ()
    steps: tuple[PlacedStep, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    trigger_variables: Mapping[str, Any] = field(default_factory=dict)
    full: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    blueprint: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def make_automation(config: Mapping[str, Any], id_: str, parsing: Parsing, blueprints: Blueprints) -> Automation:
    """Return the automation that ``config`` describes.

    Raises ConfigError for what is wrong with it or its blueprint, naming file and line where it came from a file.
    """
    full, notes = _with_blueprint(config, blueprints)
    full = renamed(full, trigger="triggers", condition="conditions", action="actions")
    data: dict[str, Any] = checked(_SCHEMA, full, "an automation")
    parsing.check_templates(full)
    parts = _parts(full, data, parsing)
    used = config.get("use_blueprint")
    return Automation(
        id=id_,
        alias=data.get("alias") or id_,
        initial_state=data.get("initial_state"),
        variables=data.get("variables", {}),
        full=full,
        config={**unmarked(full), "id": id_},
        blueprint=used["path"] if used else None,
        inputs=unmarked(given_inputs(config)) if used else {},
        notes=(*notes, *_unheard(parts["triggers"], parsing)),
        **_mode(data),
        **parts,
    )


def _mode(data: Mapping[str, Any]) -> dict[str, Any]:
    mode = Mode(data.get("mode", "single"))
    several = mode in (Mode.QUEUED, Mode.PARALLEL)
    max_runs = data.get("max", DEFAULT_MAX) if several else 1
    return {"mode": mode, "max_runs": max_runs, "silent": data.get("max_exceeded") == "silent"}


def _parts(full: Mapping[str, Any], data: Mapping[str, Any], parsing: Parsing) -> dict[str, Any]:
    values = _trigger_variables(full, data.get("trigger_variables", {}), parsing)
    parts: dict[str, Any] = {"trigger_variables": values}
    with _near(full, "triggers"):
        parts["triggers"] = parsing.triggers(data["triggers"], values)
    with _near(full, "conditions"):
        parts["conditions"] = parsing.conditions(data.get("conditions"), "condition")
    with _near(full, "actions"):
        parts["steps"] = parsing.steps(data["actions"], "action")
    return parts


@contextmanager
def _near(full: Mapping[str, Any], key: str) -> Iterator[None]:
    """Let an error about a bare value, which does not know its place, name at least the line of ``key``."""
    try:
        yield
    except ConfigError as error:
        if error.line is not None:
            raise
        file, line = where(full, key)
        raise ConfigError(str(error), file=file, line=line, path=(key, *error.path)) from None


def _with_blueprint(config: Mapping[str, Any], blueprints: Blueprints) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    if "use_blueprint" not in config:
        return config, ()
    used = checked(_USE, config["use_blueprint"], "use_blueprint")
    try:
        blueprint = blueprints.get(used["path"])
    except NotFound as error:
        raise refused(config, str(error), ["use_blueprint", "path"]) from None
    unknown = blueprint.unknown_inputs(config)
    notes = (f"The blueprint {blueprint.path} has no input {', '.join(unknown)}: remove it",) if unknown else ()
    return blueprint.instantiate(config), (*notes, *blueprint.notes)


def _unheard(triggers: tuple[PlacedTrigger, ...], parsing: Parsing) -> tuple[str, ...]:
    unheard: dict[str, list[str]] = {}
    for placed in triggers:
        if isinstance(placed.trigger, DeviceTrigger) and not parsing.offers(placed.trigger.platform):
            unheard.setdefault(placed.trigger.domain, []).append(f"trigger/{placed.index}")
    return tuple(
        f"No installed integration has device triggers of {domain}: {', '.join(names)} will not happen"
        for domain, names in unheard.items()
    )


def _trigger_variables(full: Mapping[str, Any], values: Mapping[str, Any], parsing: Parsing) -> dict[str, Any]:
    rendered: dict[str, Any] = {}
    for name, value in values.items():
        try:
            rendered[name] = parsing.templates.render_complex(value, rendered, limited=True)
        except TemplateError as error:
            raise refused(full, str(error), ["trigger_variables", name]) from None
    return rendered
