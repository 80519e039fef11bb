"""The messages of a chat, from OpenAI's shape to the hub's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import voluptuous as vol

from hub.core.inference import Message, RequestedCall, Speaker
from hub.errors import InvalidInput
from hub.server.rest.openai.fields import NAME, checked, fields, list_of, maybe, one_of, text

MOST = 1000
_MOST_CALLS = 128
_SPEAKERS: Mapping[str, Speaker] = {
    "system": Speaker.SYSTEM,
    "developer": Speaker.SYSTEM,
    "user": Speaker.USER,
    "assistant": Speaker.ASSISTANT,
    "tool": Speaker.TOOL,
}


def _arguments(value: Any) -> str:
    written = text()(value).strip() or "{}"
    try:
        found = orjson.loads(written)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise vol.Invalid("expected a JSON object as text")
    return written


def _part(value: Any) -> str:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind in ("text", "refusal"):
        return str(_PART({"text": value.get(kind)})["text"])
    raise vol.Invalid(f"expected a part of type text: this model reads nothing else, got {str(kind)[:40]!r}")


def _content(value: Any) -> str:
    return value if isinstance(value, str) else "\n".join(_PARTS(value))


_PART = fields({vol.Required("text"): text()})
_PARTS = vol.Schema(list_of(_part, MOST))
_CALL = fields(
    {
        vol.Required("id"): text(200),
        vol.Optional("type"): one_of("function"),
        vol.Required("function"): fields({vol.Required("name"): NAME, vol.Required("arguments"): _arguments}),
    }
)
_ROLE = fields({vol.Required("role"): one_of(*_SPEAKERS)})
_SAID = fields({vol.Required("content"): _content})
_ANSWERED = fields({vol.Required("content"): _content, vol.Required("tool_call_id"): text(200)})
_WRITTEN = fields({"content": maybe(_content), "tool_calls": maybe(list_of(_CALL, _MOST_CALLS))})
_LIST = fields({vol.Required("messages"): list_of(dict, MOST, least=1)})
_SCHEMAS = {Speaker.ASSISTANT: _WRITTEN, Speaker.TOOL: _ANSWERED}


def read_messages(data: Mapping[str, Any]) -> tuple[Message, ...]:
    """Return the messages of a request.

    Raises InvalidInput that names what is wrong.
    """
    messages = tuple(_message(at, given) for at, given in enumerate(checked(_LIST, data)["messages"]))
    _check_answers(messages)
    return messages


def _message(at: int, given: Mapping[str, Any]) -> Message:
    try:
        speaker = _SPEAKERS[checked(_ROLE, given)["role"]]
        found = checked(_SCHEMAS.get(speaker, _SAID), given)
    except InvalidInput as error:
        told = str(error).removeprefix("request: ")
        raise InvalidInput(f"messages[{at}].{told}", path=("messages", at, *error.path)) from None
    calls = tuple(_call(call) for call in found.get("tool_calls", ()))
    if speaker is Speaker.ASSISTANT and "content" not in found and not calls:
        raise InvalidInput(
            f"messages[{at}].content: expected content or tool_calls, got neither", path=("messages", at, "content")
        )
    return Message(speaker=speaker, text=found.get("content", ""), calls=calls, call_id=found.get("tool_call_id"))


def _call(given: Mapping[str, Any]) -> RequestedCall:
    function = given["function"]
    return RequestedCall(call_id=given["id"], name=function["name"], arguments=function["arguments"])


def _check_answers(messages: Iterable[Message]) -> None:
    """A tool's message has to answer a call that stands before it."""
    asked: set[str] = set()
    for at, message in enumerate(messages):
        asked |= {call.call_id for call in message.calls}
        if message.speaker is Speaker.TOOL and message.call_id not in asked:
            path = ("messages", at, "tool_call_id")
            raise InvalidInput(f"messages[{at}].tool_call_id: expected the id of a call before it", path=path)
