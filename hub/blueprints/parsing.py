"""From configuration to the parts of an automation, with file and line for what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Kinds, PlacedCondition, PlacedStep, PlacedTrigger
from hub.blueprints.triggers.external import ExternalTrigger
from hub.blueprints.values import boolean, listed, variables
from hub.config.marks import MarkedDict, where
from hub.config.validation import checked, refused
from hub.errors import ConfigError, TemplateError
from hub.templates import Templates, as_boolean, is_template

_TRIGGER_KEYS = ("trigger", "platform", "id", "alias", "enabled", "variables", "metadata")
_STEP_KEYS = ("alias", "enabled", "continue_on_error", "metadata")
_LOGIC = ("and", "or", "not")
_NOT_RENDERED = frozenset({"alias", "description", "metadata", "icon"})


class Parsing:
    """Makes the parts of one automation. ``offers`` says whether an integration has a trigger of that name."""

    def __init__(self, kinds: Kinds, templates: Templates, offers: Callable[[str], bool]) -> None:
        self.templates = templates
        self._kinds = kinds
        self._offers = offers

    def offers(self, platform: str) -> bool:
        """Say whether an installed integration has this trigger."""
        return self._offers(platform)

    def triggers(self, config: Any, values: Mapping[str, Any] | None = None) -> tuple[PlacedTrigger, ...]:
        """Return the triggers, those that are disabled left out. ``values`` are the trigger variables.

        Raises ConfigError.
        """
        items = _flat_triggers(config)
        placed = (self._trigger(item, index, values or {}) for index, item in enumerate(items))
        return tuple(trigger for trigger in placed if trigger is not None)

    def conditions(self, config: Any, path: str) -> tuple[PlacedCondition, ...]:
        """Return the conditions below ``path``, those that are disabled left out.

        Raises ConfigError.
        """
        items = enumerate(listed(config))
        placed = (self.condition(item, f"{path}/{index}") for index, item in items if item not in ("", None, [], {}))
        return tuple(condition for condition in placed if condition is not None)

    def condition(self, config: Any, path: str) -> PlacedCondition | None:
        """Return the condition at ``path``, or None if it is disabled.

        Raises ConfigError.
        """
        config = _condition_mapping(config, path)
        name = config["condition"]
        kind = self._kinds.conditions.get(name) if isinstance(name, str) else None
        if kind is None:
            known = ", ".join(self._kinds.conditions)
            raise refused(config, f"Expected a condition of {known}, got {name!r} at {path}", ["condition"])
        if not self._enabled(config):
            return None
        rest = without(config, "condition", "alias", "enabled")
        return PlacedCondition(path=path, kind=kind.name, condition=kind.parse(rest, path, self))

    def steps(self, config: Any, path: str) -> tuple[PlacedStep, ...]:
        """Return the steps below ``path``.

        Raises ConfigError.
        """
        items = [item for item in listed(config) if item is not None]
        for index, item in enumerate(items):
            if not isinstance(item, Mapping) and not is_template(item):
                raise refused(config, f"Expected a step at {path}/{index}, got {_shown(item)}", [index])
        return tuple(self._step(item, f"{path}/{index}") for index, item in enumerate(items))

    def check(self, schema: vol.Schema, config: Mapping[str, Any], what: str) -> dict[str, Any]:
        """Return the configuration in the schema's form.

        Raises ConfigError.
        """
        value: dict[str, Any] = checked(schema, config, what)
        return value

    def check_templates(self, config: Any) -> None:
        """Compile every template in ``config``.

        Raises ConfigError at the first that does not compile.
        """
        items = config.items() if isinstance(config, Mapping) else enumerate(config if isinstance(config, list) else ())
        for key, value in items:
            if key in _NOT_RENDERED:
                continue
            if is_template(value):
                self._check_template(config, key, value)
            elif isinstance(value, (Mapping, list)):
                self.check_templates(value)

    def _check_template(self, config: Any, key: Any, text: str) -> None:
        try:
            self.templates.check(text)
        except TemplateError as error:
            file, line = where(config, key)
            raise ConfigError(str(error), file=file, line=line, path=(key,)) from None

    def _trigger(self, config: Any, index: int, values: Mapping[str, Any]) -> PlacedTrigger | None:
        what = f"trigger/{index}"
        if not isinstance(config, Mapping) or not isinstance(
            name := config.get("trigger", config.get("platform")), str
        ):
            raise refused(config, f"Expected a mapping with the key 'trigger' at {what}, got {_shown(config)}")
        kind = self._kinds.triggers.get(name)
        if kind is None and not self._offers(name):
            known = ", ".join(self._kinds.triggers)
            message = (
                f"Expected a trigger of {known}, or one that an installed integration offers, got {name!r} at {what}"
            )
            raise refused(config, message, ["trigger" if "trigger" in config else "platform"])
        if not self._enabled(config, values):
            return None
        rest = without(config, *_TRIGGER_KEYS)
        id_ = config.get("id")
        return PlacedTrigger(
            index=index,
            id=str(index) if id_ in (None, "") else str(id_),
            kind=name,
            trigger=kind.parse(rest, self) if kind is not None else ExternalTrigger(platform=name, spec=rest),
            alias=config.get("alias"),
            variables=checked(vol.Schema(variables), config.get("variables"), f"variables of {what}"),
        )

    def _step(self, config: Any, path: str) -> PlacedStep:
        if is_template(config):
            config = {"condition": "template", "value_template": config}
        kind = next((kind for kind in self._kinds.steps if any(key in config for key in kind.keys)), None)
        if kind is None:
            known = ", ".join(key for kind in self._kinds.steps for key in kind.keys)
            raise refused(config, f"Expected a step with one of the keys {known} at {path}, got {_shown(config)}")
        on_error = checked(vol.Schema(boolean), config.get("continue_on_error", False), f"continue_on_error of {path}")
        keep = ("alias", "metadata", "continue_on_error") if kind.name == "condition" else _STEP_KEYS
        return PlacedStep(
            path=path,
            kind=kind.name,
            step=kind.parse(without(config, *keep), path, self),
            enabled=self._enabled(config),
            continue_on_error=on_error,
        )

    def _enabled(self, config: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> bool:
        enabled = config.get("enabled", True)
        if not is_template(enabled):
            return checked(vol.Schema(boolean), enabled, "enabled") is True
        try:
            return as_boolean(self.templates.render(enabled, values, limited=True))
        except TemplateError as error:
            raise refused(config, str(error), ["enabled"]) from None


def renamed(config: Mapping[str, Any], **names: str) -> MarkedDict:
    """Return a copy in which older names of keys (``service="action"``) are replaced by today's, places kept."""
    copy = MarkedDict(like=config)
    for key, value in config.items():
        new = names.get(key, key)
        copy[new] = value
        copy.lines[new] = copy.lines.get(key, copy.line or 1)
    return copy


def without(config: Mapping[str, Any], *keys: str) -> MarkedDict:
    """Return a copy without these keys, places kept."""
    return MarkedDict({key: value for key, value in config.items() if key not in keys}, like=config)


def _condition_mapping(config: Any, path: str) -> Mapping[str, Any]:
    """Return a condition written in short (a template, a list, ``and: [..]``) in full."""
    if is_template(config):
        return {"condition": "template", "value_template": config}
    if isinstance(config, list):
        return {"condition": "and", "conditions": config}
    if isinstance(config, Mapping):
        logic = next((key for key in _LOGIC if key in config and "condition" not in config), None)
        if logic is not None:
            return _in_full(config, logic, "conditions", logic)
        if is_template(config.get("condition")):
            return _in_full(config, "condition", "value_template", "template")
        if isinstance(config.get("condition"), list):
            return _in_full(config, "condition", "conditions", "and")
        if "condition" in config:
            return config
    raise refused(config, f"Expected a condition or a template at {path}, got {_shown(config)}")


def _in_full(config: Mapping[str, Any], short: str, key: str, kind: str) -> MarkedDict:
    full = renamed(config, **{short: key})
    full["condition"] = kind
    return full


def _flat_triggers(config: Any) -> Sequence[Any]:
    found: list[Any] = []
    for item in listed(config):
        if isinstance(item, list):
            found.extend(_flat_triggers(item))
        elif isinstance(item, Mapping) and "triggers" in item and "trigger" not in item:
            found.extend(_flat_triggers(item["triggers"]))
        elif item not in (None, ""):
            found.append(item)
    return found


def _shown(config: Any) -> str:
    if isinstance(config, Mapping):
        return f"the keys {', '.join(map(str, config))}" if config else "an empty mapping"
    return repr(config)[:80]
