"""Requests as OpenAI's API writes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from hub.core.inference import (
    GREEDY,
    ChatRequest,
    CompletionRequest,
    Constraint,
    ConstraintKind,
    EmbeddingRequest,
    Message,
    Sampling,
    Speaker,
    Tool,
    ToolUse,
)
from hub.errors import Unanswerable
from hub.inference.remote.dialects import Body, Dialect, Saying
from hub.inference.remote.names import ToolNames

WirePrompt = str | list[int]
_STREAMED: Body = {"stream": True, "stream_options": {"include_usage": True}}


def completion_body(request: CompletionRequest, prompt: WirePrompt, model: str, dialect: Dialect) -> Body:
    """Return the body for ``/v1/completions``.

    Raises Unanswerable if the server cannot be asked for that.
    """
    body: Body = {"model": model, "prompt": prompt, "max_tokens": request.max_tokens, **_STREAMED}
    if request.candidates is not None:
        body["logprobs"] = min(request.candidates, dialect.candidates)
    return body | _common(request) | _constrained(request.constraint, dialect, dialect.completion)


def chat_body(request: ChatRequest, model: str, dialect: Dialect, names: ToolNames) -> Body:
    """Return the body for ``/v1/chat/completions``.

    Raises Unanswerable if the server cannot be asked for that.
    """
    body: Body = {"model": model, "messages": [_message(message, names) for message in request.messages], **_STREAMED}
    if request.max_tokens is not None:
        body["max_tokens"] = request.max_tokens
    if request.candidates is not None:
        body |= {"logprobs": True, "top_logprobs": min(request.candidates, dialect.candidates)}
    if request.tools:
        body |= {
            "tools": [_tool(tool, names) for tool in request.tools],
            "tool_choice": _tool_choice(request, dialect, names),
        }
        body |= {} if request.several else {"parallel_tool_calls": False}
    return body | _common(request) | _constrained(request.constraint, dialect, dialect.chat)


def embedding_body(request: EmbeddingRequest, model: str) -> Body:
    """Return the body for ``/v1/embeddings``."""
    return {"model": model, "input": list(request.texts), "encoding_format": "float"}


def _common(request: ChatRequest | CompletionRequest) -> Body:
    stop: Body = {"stop": list(request.stop)} if request.stop else {}
    return {**_sampling(request.sampling), **stop}


def _sampling(sampling: Sampling) -> Body:
    """Return what differs from the greedy default; servers' own defaults differ, so the temperature is always said."""
    body: Body = {"temperature": sampling.temperature}
    for name in ("top_k", "top_p", "min_p", "seed", "presence_penalty", "frequency_penalty"):
        if (value := getattr(sampling, name)) != getattr(GREEDY, name):
            body[name] = value
    if sampling.temperature > 0:
        body.setdefault("top_p", 1.0)
    return body


def _constrained(constraint: Constraint | None, dialect: Dialect, sayings: Mapping[ConstraintKind, Saying]) -> Body:
    if constraint is None:
        return {}
    saying = sayings.get(constraint.kind)
    if saying is None:
        kinds = ", ".join(kind.value for kind in sayings) or "none"
        raise Unanswerable(
            f"Expected a constraint that a server of kind {dialect.name} knows ({kinds}), got {constraint.kind.value}"
        )
    return saying(constraint)


def _message(message: Message, names: ToolNames) -> Body:
    body: Body = {"role": message.speaker.value, "content": message.text}
    if message.calls:
        body["tool_calls"] = [
            {
                "id": call.call_id,
                "type": "function",
                "function": {"name": names.say(call.name), "arguments": call.arguments},
            }
            for call in message.calls
        ]
    if message.speaker is Speaker.TOOL:
        body["tool_call_id"] = message.call_id or ""
    return body


def _tool(tool: Tool, names: ToolNames) -> Body:
    return {
        "type": "function",
        "function": {
            "name": names.say(tool.name),
            "description": tool.description,
            "parameters": dict(tool.parameters),
        },
    }


def _tool_choice(request: ChatRequest, dialect: Dialect, names: ToolNames) -> str | Body:
    if (request.tool or request.tool_use is ToolUse.REQUIRED) and not dialect.obliges:
        raise Unanswerable(
            f"Expected a server that can be made to call a tool, got one of kind {dialect.name}: leave it to the model"
        )
    if request.tool:
        return {"type": "function", "function": {"name": names.say(request.tool)}}
    return request.tool_use.value
