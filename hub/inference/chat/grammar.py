"""Grammars for answers that may or must call tools, in Lark as llguidance reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub.core.inference import Constraint, ConstraintKind, Tool
from hub.errors import Unanswerable
from hub.inference.chat.forms import CallForm

_SPACING = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""JSON as models have mostly read it, so that nothing but values is left to choose."""
_NAMEABLE = re.compile(r"<[^<>\s\[\]]+>")
_SUBSCHEMAS = ("properties", "$defs", "definitions")


def calls_only(form: CallForm, tools: Sequence[Tool], specials: frozenset[str], *, one: bool = False) -> Constraint:
    """Return the grammar of one call or several, after the first opening, which stands at the end of the prompt."""
    return _lark("start: calls", _calls(form, specials, one=one), *_objects(form, tools))


def text_or_calls(
    form: CallForm,
    tools: Sequence[Tool],
    specials: frozenset[str],
    answer: Constraint | None = None,
    *,
    one: bool = False,
) -> Constraint | None:
    """Return the grammar of an answer that may call tools, or only that of the ``answer`` where none can be written.

    llguidance cannot name special tokens such as ``[TOOL_CALLS]``. Raises Unanswerable for an ``answer`` in Lark.
    """
    marker = _token(form.marker, specials)
    if marker is None:
        return answer
    opening = _sequence(marker, _quoted(form.before), "calls")
    rest = (_calls(form, specials, one=one), *_objects(form, tools))
    if answer is not None and answer.kind is ConstraintKind.JSON_SCHEMA and not marker:
        return _one_document(form, tools, json.loads(answer.text))
    if answer is not None:
        return _lark("start: answer | opened", f"opened: {opening}", f"answer: {_answer(answer)}", *rest)
    if not marker:
        return _lark("start: TEXT | calls", r"TEXT: /([^{\s](?s:.*))?/", *rest)
    if form.marker in specials:
        return _lark("start: TEXT? opened?", "TEXT: /(?s:.+)/", f"opened: {opening}", *rest)
    head = f"head[lazy]: /(?s:.*){_slashed(re.escape(form.marker))}/"
    return _lark(
        "start: TEXT | opened", "TEXT: /(?s:.*)/", head, _sequence("opened: head", _quoted(form.before), "calls"), *rest
    )


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema without properties that it does not name, unless it says that there may be others."""
    made = {key: _closed_value(key, value) for key, value in schema.items()}
    if made.get("type") == "object" and not {"additionalProperties", "patternProperties"} & made.keys():
        made |= {"additionalProperties": False}
    return made


def _calls(form: CallForm, specials: frozenset[str], *, one: bool = False) -> str:
    """Return the rule for what follows the first opening."""
    closing = _sequence(_quoted(form.after), _token(form.closing, specials) or "")
    if form.listed:
        return _sequence('calls: " "? "[" object', "" if one else '(", " object)*', '"]"', closing)
    separator = _quoted("\n" if form.closing else "; ")
    again = _sequence(separator, _token(form.marker, specials) or "", _quoted(form.before), "object", closing)
    return _sequence("calls: object", closing, "" if one else f"({again})*")


def _objects(form: CallForm, tools: Sequence[Tool]) -> list[str]:
    objects = [_object(form, tool, f"tool_{index}") for index, tool in enumerate(tools)]
    return [f"object: {' | '.join(f'tool_{index}' for index in range(len(tools)))}", *objects]


def _object(form: CallForm, tool: Tool, rule: str) -> str:
    head = f'{{"name": {_quoted(tool.name)}, "{form.arguments}": '
    # The schema is a grammar of its own, so that the references in it lead to its own root.
    schema = _spaced(closed(tool.parameters or {"type": "object"}))
    return f'{rule}: {_quoted(head)} %json {json.dumps(schema)} "}}"'


def _spaced(schema: Any) -> Any:
    """Return the schema with the spacing said: a weak model that may write any white space writes no end of it."""
    return {"x-guidance": _SPACING, **schema} if isinstance(schema, Mapping) else schema


def _one_document(form: CallForm, tools: Sequence[Tool], answer: Mapping[str, Any]) -> Constraint:
    """Return the grammar of one JSON document: at its first character llguidance must not have to choose between grammars."""
    calls = [
        {
            "type": "object",
            "properties": {
                "name": {"const": tool.name},
                form.arguments: _moved(closed(tool.parameters), f"#/anyOf/{index}/properties/{form.arguments}"),
            },
            "required": ["name", form.arguments],
            "additionalProperties": False,
        }
        for index, tool in enumerate(tools)
    ]
    return Constraint.json_schema({"x-guidance": _SPACING, "anyOf": [*calls, _moved(answer, f"#/anyOf/{len(tools)}")]})


def _moved(schema: Any, root: str) -> Any:
    """Return the schema with references that lead to where it stands now."""
    if isinstance(schema, Mapping):
        made = {key: _moved(value, root) for key, value in schema.items()}
        if isinstance(reference := made.get("$ref"), str) and reference.startswith("#"):
            made["$ref"] = root + reference[1:]
        return made
    return [_moved(item, root) for item in schema] if isinstance(schema, list) else schema


def _closed_value(key: str, value: Any) -> Any:
    if key in _SUBSCHEMAS and isinstance(value, Mapping):
        return {name: closed(item) if isinstance(item, Mapping) else item for name, item in value.items()}
    if key == "items" and isinstance(value, Mapping):
        return closed(value)
    return value


def _answer(answer: Constraint) -> str:
    match answer.kind:
        case ConstraintKind.JSON_SCHEMA:
            return f"%json {json.dumps(_spaced(json.loads(answer.text)))}"
        case ConstraintKind.REGEX:
            return f"/{_slashed(answer.text)}/"
        case ConstraintKind.CHOICE:
            return " | ".join(map(_quoted, answer.options))
        case ConstraintKind.LARK:
            raise Unanswerable("Expected tools or a Lark grammar, got both: leave the tools out, or use a JSON schema")


def _token(marker: str, specials: frozenset[str]) -> str | None:
    """Return how a grammar names a marker, a special token or a text, or None where it cannot."""
    if marker not in specials:
        return _quoted(marker)
    return marker if _NAMEABLE.fullmatch(marker) else None


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if text else ""


def _slashed(pattern: str) -> str:
    return re.sub(r"(?<!\\)/", r"\\/", pattern).replace("\n", r"\n")


def _sequence(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _lark(*rules: str) -> Constraint:
    return Constraint.lark("\n".join(rules) + "\n")
