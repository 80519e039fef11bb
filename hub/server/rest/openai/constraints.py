"""What an answer must look like: OpenAI's ``response_format``, and the fields that vLLM's clients know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import voluptuous as vol

from hub.core.inference import Constraint, ConstraintKind
from hub.errors import InvalidInput
from hub.server.rest.openai.fields import checked, fields, flag, json_schema, list_of, maybe, one_of, text

_MOST_OPTIONS = 1000
_LONGEST = 65_536
_Path = tuple[str, ...]


def _written(value: Any) -> dict[str, Any]:
    """Check a JSON schema that may be written as text."""
    if not isinstance(value, str):
        return json_schema(value)
    try:
        return json_schema(orjson.loads(value))
    except orjson.JSONDecodeError:
        raise vol.Invalid("expected a JSON schema, got a text that is no JSON") from None


_OPTIONS = list_of(text(1000), _MOST_OPTIONS, least=1)
_NAMED = fields({"name": maybe(text(64)), vol.Required("schema"): json_schema})
_FORMAT = fields({vol.Required("type"): one_of("text", "json_object", "json_schema"), "json_schema": maybe(_NAMED)})
_FORMS: Mapping[str, Any] = {
    "json": _written,
    "regex": text(_LONGEST),
    "choice": _OPTIONS,
    "grammar": text(_LONGEST),
}
_FIELDS = fields(
    {
        "response_format": maybe(_FORMAT),
        "structured_outputs": maybe(fields({**{form: maybe(check) for form, check in _FORMS.items()}, "json_object": maybe(flag)})),
        **{f"guided_{form}": maybe(check) for form, check in _FORMS.items()},
    }
)  # fmt: skip


def read_constraint(data: Mapping[str, Any], offered: Iterable[ConstraintKind]) -> Constraint | None:
    """Return what the answer to a request must look like, if it says so; ``offered`` is what the back end can do.

    Raises InvalidInput that names what is wrong.
    """
    said = [*_said(checked(_FIELDS, data))]
    if len(said) > 1:
        names = ", ".join(".".join(path) for path, _ in said)
        raise InvalidInput(f"{names}: expected one of these, got {len(said)}", path=said[1][0])
    for path, constraint in said:
        if constraint.kind not in offered:
            raise InvalidInput(f"{'.'.join(path)}: this model cannot be held to {constraint.kind}", path=path)
        return constraint
    return None


def _said(found: Mapping[str, Any]) -> Iterable[tuple[_Path, Constraint]]:
    yield from _from_format(found.get("response_format", {}))
    outputs = found.get("structured_outputs", {})
    if outputs.get("json_object"):
        yield ("structured_outputs", "json_object"), Constraint.json_schema({"type": "object"})
    for form in _FORMS:
        if outputs.get(form) is not None:
            yield ("structured_outputs", form), _constraint(form, outputs[form])
        if f"guided_{form}" in found:
            yield (f"guided_{form}",), _constraint(form, found[f"guided_{form}"])


def _from_format(given: Mapping[str, Any]) -> Iterable[tuple[_Path, Constraint]]:
    path = ("response_format",)
    if given.get("type") == "json_object":
        yield path, Constraint.json_schema({"type": "object"})
    if given.get("type") == "json_schema":
        if given.get("json_schema") is None:
            raise InvalidInput("response_format.json_schema: expected it with this type", path=(*path, "json_schema"))
        yield path, Constraint.json_schema(given["json_schema"]["schema"])


def _constraint(form: str, value: Any) -> Constraint:
    match form:
        case "json":
            return Constraint.json_schema(value)
        case "regex":
            return Constraint.regex(value)
        case "choice":
            return Constraint.choice(*value)
    return Constraint.lark(value)
