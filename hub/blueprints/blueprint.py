"""Blueprints: automations and scripts with inputs, in Home Assistant's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.values import anything, optional, required
from hub.config.marks import Input, MarkedDict, MarkedList, unmarked
from hub.config.validation import checked, refused
from hub.errors import ConfigError

_NAMES = vol.Schema({str: anything})
_SCHEMA = vol.Schema(
    {
        **required(name=str, domain=vol.In(["automation", "script", "template"])),
        **optional(
            description=vol.Any(str, None),
            author=str,
            source_url=str,
            homeassistant=dict,
            input=vol.Any(_NAMES, None),
            icon=str,
        ),
    }
)
_INPUT = vol.Schema(
    optional(name=vol.Any(str, None), description=vol.Any(str, None), default=anything, selector=anything)
)
_SECTION = vol.Schema(
    {
        **required(input=vol.Any(_NAMES, None)),
        **optional(name=vol.Any(str, None), description=vol.Any(str, None), icon=vol.Any(str, None), collapsed=bool),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueprintInput:
    """One input; ``default`` counts only where ``required`` is False."""

    name: str
    required: bool
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A blueprint. ``metadata`` is its ``blueprint:`` part as written, ``body`` the rest with ``!input`` in it."""

    path: str
    domain: str
    name: str
    metadata: Mapping[str, Any]
    inputs: Mapping[str, BlueprintInput]
    body: Mapping[str, Any]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know, if anything."""
        version = (self.metadata.get("homeassistant") or {}).get("min_version")
        return (f"{self.path} was written for Home Assistant {version} or newer",) if version else ()

    def instantiate(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the automation that ``config`` (with ``use_blueprint``) makes of this: its own keys win.

        Raises ConfigError naming the inputs that are missing.
        """
        values = self._values(config)
        combined = MarkedDict(like=self.body)
        for source in (_substituted(self.body, values), without_use(config)):
            for key, value in source.items():
                combined[key] = value
                if key in getattr(source, "lines", {}):
                    combined.lines[key] = source.lines[key]
        return combined

    def unknown_inputs(self, config: Mapping[str, Any]) -> list[str]:
        """Return the inputs that ``config`` gives and this does not have."""
        return [name for name in given_inputs(config) if name not in self.inputs]

    def _values(self, config: Mapping[str, Any]) -> dict[str, Any]:
        given = given_inputs(config)
        missing = [item.name for item in self.inputs.values() if item.required and item.name not in given]
        if missing:
            message = f"Expected the inputs {', '.join(missing)} of the blueprint {self.path}: add them under 'input'"
            raise refused(config, message, ["use_blueprint"])
        return {name: given.get(name, item.default) for name, item in self.inputs.items()}


def parse_blueprint(document: Any, path: str) -> Blueprint:
    """Return the blueprint that a YAML document holds.

    Raises ConfigError naming file and line.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("blueprint"), Mapping):
        raise refused(document, "Expected a blueprint: a mapping with the key 'blueprint'")
    metadata = document["blueprint"]
    data = checked(_SCHEMA, metadata, "the blueprint")
    inputs = {item.name: item for item in _inputs(data.get("input"))}
    body = MarkedDict({key: value for key, value in document.items() if key != "blueprint"}, like=document)
    unknown = next((used for used in _used(body) if used.name not in inputs), None)
    if unknown is not None:
        known = ", ".join(inputs) or "none"
        message = f"Expected an input that the blueprint defines ({known}), got {unknown.name!r}: define it"
        raise ConfigError(message, file=unknown.file, line=unknown.line)
    return Blueprint(
        path=path, domain=data["domain"], name=data["name"], metadata=unmarked(metadata), inputs=inputs, body=body
    )


def given_inputs(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the inputs that an automation gives its blueprint."""
    return config["use_blueprint"].get("input") or {}


def without_use(config: Mapping[str, Any]) -> MarkedDict:
    """Return an automation's own keys."""
    return MarkedDict({key: value for key, value in config.items() if key != "use_blueprint"}, like=config)


def _inputs(config: Mapping[str, Any] | None) -> Iterator[BlueprintInput]:
    for name, item in (config or {}).items():
        if isinstance(item, Mapping) and "input" in item:
            yield from _inputs(checked(_SECTION, item, f"the section {name!r}")["input"])
            continue
        data = checked(_INPUT, {} if item is None else item, f"the input {name!r}")
        _check_selector(item, name)
        yield BlueprintInput(name=name, required="default" not in data, default=data.get("default"))


def _check_selector(item: Any, name: str) -> None:
    selector = item.get("selector") if isinstance(item, Mapping) else None
    if (
        selector is not None
        and not (isinstance(selector, Mapping) and len(selector) == 1)
        and not isinstance(selector, str)
    ):
        message = f"Expected one selector such as 'entity:' for the input {name!r}, got {selector!r}"
        raise refused(item, message, ["selector"])


def _used(value: Any) -> Iterator[Input]:
    if isinstance(value, Input):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _used(item)
    elif isinstance(value, list):
        for item in value:
            yield from _used(item)


def _substituted(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, Input):
        return values[value.name]
    if isinstance(value, Mapping):
        return MarkedDict({key: _substituted(item, values) for key, item in value.items()}, like=value)
    if isinstance(value, list):
        return MarkedList([_substituted(item, values) for item in value], like=value)
    return value
