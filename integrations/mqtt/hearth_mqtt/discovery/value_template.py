"""Value templates: what a message says of one value.

Nine in ten are a plain path into the message's JSON. Those are read without Jinja, with the same result; whatever is not
quite plain (a missing step, something that is no object) goes to Jinja all the same.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from hearth_mqtt.discovery.incoming import NO_JSON, Incoming
from hub import TemplateError

_log = logging.getLogger(__name__)

Reader = Callable[[Incoming], str | None]
"""Returns the text that a template makes of a message, or None if it makes none and the message is to be ignored."""

Render = Callable[[str, Mapping[str, Any]], Any]
Variables = Callable[[], Mapping[str, Any]]

_STEP = r"""\.[a-zA-Z]\w*|\[\s*(?:'[^'\\{}]+'|"[^"\\{}]+")\s*\]"""
_PLAIN = re.compile(rf"\s*\{{\{{\s*value_json\s*((?:{_STEP})+)\s*\}}\}}\s*\Z")
_STEPS = re.compile(_STEP)
_MARKS = re.compile(r"\{[{%#]")
_METHODS: Final = frozenset(dir(dict))
_ABSENT: Final = object()


def value_reader(template: str | None, encoding: str, render: Render, variables: Variables) -> Reader:
    """Return what reads a template's value from a message; without a template the value is the whole text."""
    if template is None:
        return lambda incoming: incoming.text(encoding)
    if _MARKS.search(template) is None:
        return lambda _: template
    jinja = _jinja_reader(template, encoding, render, variables)
    steps = plain_path(template)
    if steps is None or encoding != "utf-8":
        return jinja
    return _one_step_reader(steps[0], jinja) if len(steps) == 1 else _path_reader(steps, jinja)


def plain_path(template: str) -> tuple[str, ...] | None:
    """Return the keys of ``{{ value_json.a['b'] }}``, or None for any other template.

    A key that is also a method of a dictionary, or private, means something else to Jinja.
    """
    match = _PLAIN.match(template)
    if match is None:
        return None
    steps = tuple(step.strip(".[] \t\n'\"") for step in _STEPS.findall(match[1]))
    return None if any(step in _METHODS or step.startswith("_") or not step for step in steps) else steps


def _one_step_reader(key: str, jinja: Reader) -> Reader:
    def read(incoming: Incoming) -> str | None:
        found = incoming.json
        if type(found) is dict:
            value = found.get(key, _ABSENT)
            return "" if value is _ABSENT else value.strip() if type(value) is str else str(value)
        return None if found is NO_JSON else jinja(incoming)

    return read


def _path_reader(steps: tuple[str, ...], jinja: Reader) -> Reader:
    *path, last = steps

    def read(incoming: Incoming) -> str | None:
        found = incoming.json
        for key in path:
            if type(found) is not dict or key not in found:
                return jinja(incoming)
            found = found[key]
        if type(found) is not dict:
            return jinja(incoming)
        value = found.get(last, _ABSENT)
        return "" if value is _ABSENT else str(value).strip()

    return read


def _jinja_reader(template: str, encoding: str, render: Render, variables: Variables) -> Reader:
    def read(incoming: Incoming) -> str | None:
        text = incoming.text(encoding)
        if text is None:
            return None
        known = {**variables(), "value": text}
        if incoming.json is not NO_JSON:
            known["value_json"] = incoming.json
        try:
            return str(render(template, known)).strip()
        except TemplateError as error:
            _log.debug("A message on %s does not fit its template %r: %s", incoming.topic, template, error)
            return None

    return read
