"""Messages in the shapes that chat templates know, and in those that a template which knows less can take."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from hub.core.inference import Message, RequestedCall, Speaker, Tool
from hub.inference.chat.forms import CallForm
from hub.inference.chat.untrusted import Fields

_ID_LENGTH = 9


def described(tool: Tool) -> dict[str, Any]:
    """Return a tool as OpenAI's API and chat templates describe it."""
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def as_fields(messages: Iterable[Message], hide: Callable[[Any], Any]) -> list[Fields]:
    """Return messages for a template: all that people or models wrote is hidden, roles are not."""
    names: dict[str, str] = {}
    made = []
    for message in messages:
        names |= {call.call_id: call.name for call in message.calls}
        fields: Fields = hide(_fields(message, names))
        dict.__setitem__(fields, hide("role"), message.speaker.value)
        made.append(fields)
    return made


def _fields(message: Message, names: dict[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"role": "", "content": message.text}
    if message.calls:
        fields["tool_calls"] = [_called(call) for call in message.calls]
    if message.speaker is Speaker.TOOL:
        fields["tool_call_id"] = short_id(message.call_id or "")
        fields["name"] = names.get(message.call_id or "", "")
    return fields


def _called(call: RequestedCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": _arguments(call)}
    return {"id": short_id(call.call_id), "type": "function", "function": function}


def _arguments(call: RequestedCall) -> Any:
    try:
        return json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return call.arguments


def short_id(call_id: str) -> str:
    """Return the id in the form that Mistral's templates insist on: nine letters and digits."""
    if len(call_id) == _ID_LENGTH and call_id.isascii() and call_id.isalnum():
        return call_id
    return hashlib.sha256(call_id.encode("utf-8", "replace")).hexdigest()[:_ID_LENGTH]


def without_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return the messages with those of the system put before the first of the user."""
    system = [message.text for message in messages if message.speaker is Speaker.SYSTEM]
    others = [message for message in messages if message.speaker is not Speaker.SYSTEM]
    if not system:
        return tuple(others)
    first = next((index for index, message in enumerate(others) if message.speaker is Speaker.USER), None)
    if first is None:
        return (Message(speaker=Speaker.USER, text="\n\n".join(system)), *others)
    said = replace(others[first], text="\n\n".join((*system, others[first].text)))
    return (*others[:first], said, *others[first + 1 :])


def alternating(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Return the messages with neighbours of the same user or assistant made one."""
    made: list[Message] = []
    for message in messages:
        previous = made[-1] if made else None
        mergeable = message.speaker in (Speaker.USER, Speaker.ASSISTANT) and not message.calls
        if previous and mergeable and previous.speaker is message.speaker and not previous.calls:
            made[-1] = replace(previous, text=f"{previous.text}\n\n{message.text}")
        else:
            made.append(message)
    return tuple(made)


def taught(messages: Sequence[Message], tools: Sequence[Tool], form: CallForm) -> tuple[Message, ...]:
    """Return the messages for a template that knows no tools: instructions, calls and results are text."""
    made = [_told(message, form) for message in messages]
    if not tools:
        return tuple(made)
    lesson = _lesson(tools, form)
    if made and made[0].speaker is Speaker.SYSTEM:
        return (replace(made[0], text=f"{made[0].text}\n\n{lesson}"), *made[1:])
    return (Message(speaker=Speaker.SYSTEM, text=lesson), *made)


def _told(message: Message, form: CallForm) -> Message:
    if message.speaker is Speaker.TOOL:
        return Message(speaker=Speaker.USER, text=f"<tool_response>\n{message.text}\n</tool_response>")
    if not message.calls:
        return message
    calls = "\n".join(f"{form.opening}{_as_json(call, form)}{form.after}{form.closing}" for call in message.calls)
    return Message(speaker=message.speaker, text=f"{message.text}\n{calls}".lstrip("\n"))


def _as_json(call: RequestedCall, form: CallForm) -> str:
    return json.dumps({"name": call.name, form.arguments: _arguments(call)}, ensure_ascii=False)


def _lesson(tools: Sequence[Tool], form: CallForm) -> str:
    listed = "\n".join(json.dumps(described(tool)["function"], ensure_ascii=False) for tool in tools)
    example = f'{form.opening}{{"name": "<name>", "{form.arguments}": {{...}}}}{form.after}{form.closing}'
    return f"You may call these tools, given with the JSON schema of their arguments:\n{listed}\nTo call one, write:\n{example}"
