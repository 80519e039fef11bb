"""The tools of a chat, and whether they must be used, from OpenAI's shape to the hub's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.core.inference import Tool, ToolUse
from hub.errors import InvalidInput
from hub.server.rest.openai.fields import NAME, checked, fields, flag, json_schema, list_of, maybe, one_of, text

MOST = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What may be called. ``several``: in one answer more than once."""

    known: tuple[Tool, ...] = ()
    use: ToolUse = ToolUse.AUTO
    named: str | None = None
    several: bool = True


def _choice(value: Any) -> Any:
    return one_of(*ToolUse)(value) if isinstance(value, str) else _NAMED(value)["function"]["name"]


_NAMED = fields(
    {vol.Required("type"): one_of("function"), vol.Required("function"): fields({vol.Required("name"): NAME})}
)
_FUNCTION = fields({vol.Required("name"): NAME, "description": maybe(text()), "parameters": maybe(json_schema)})
_TOOL = fields({vol.Required("type"): one_of("function"), vol.Required("function"): _FUNCTION})
_FIELDS = fields(
    {"tools": maybe(list_of(_TOOL, MOST)), "tool_choice": maybe(_choice), "parallel_tool_calls": maybe(flag)}
)


def read_tools(data: Mapping[str, Any]) -> Tools:
    """Return the tools of a request.

    Raises InvalidInput that names what is wrong.
    """
    found = checked(_FIELDS, data)
    known = tuple(_tool(one["function"]) for one in found.get("tools", ()))
    choice = found.get("tool_choice", ToolUse.AUTO)
    named = isinstance(data.get("tool_choice"), dict)
    _check(known, str(choice), named=named)
    return Tools(
        known=known,
        use=ToolUse.REQUIRED if named else ToolUse(choice),
        named=choice if named else None,
        several=found.get("parallel_tool_calls", True),
    )


def _tool(given: Mapping[str, Any]) -> Tool:
    said = {key: given[key] for key in ("description", "parameters") if given.get(key) is not None}
    return Tool(name=given["name"], **said)


def _check(known: tuple[Tool, ...], choice: str, *, named: bool) -> None:
    names = [tool.name for tool in known]
    if len(set(names)) < len(names):
        raise InvalidInput("tools: expected another name for each tool", path=("tools",))
    if named and choice not in names:
        raise InvalidInput(f"tool_choice: expected one of the tools, got {choice!r}", path=("tool_choice",))
    if choice == ToolUse.REQUIRED and not named and not names:
        raise InvalidInput("tool_choice: expected tools where one is required", path=("tool_choice",))
