"""The requests and answers below ``/v1`` as JSON Schema: what the description of the API says of them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.server.rest.openai.sampling import MOST_CHOICES
from hub.server.route import Answer, Schema
from hub.server.schemas import ANYTHING, STRING, array, record, ref

_INTEGER: Schema = {"type": "integer"}
_FLAG: Schema = {"type": ["boolean", "null"]}
_TEXTS: Schema = {"anyOf": [STRING, array(STRING)]}
_CONTENT: Schema = {"anyOf": [STRING, array(record({"type": STRING})), {"type": "null"}]}
_USAGE = record({"prompt_tokens": _INTEGER, "total_tokens": _INTEGER}, completion_tokens=_INTEGER)


def _number(low: float, high: float) -> Schema:
    return {"type": ["number", "null"], "minimum": low, "maximum": high}


def _count(low: int, high: int) -> Schema:
    return {"type": ["integer", "null"], "minimum": low, "maximum": high}


_WANTED: Mapping[str, Schema] = {
    "model": {"type": ["string", "null"], "description": "Its name, or 'default'."},
    "n": _count(1, MOST_CHOICES),
    "temperature": _number(0, 2),
    "top_p": _number(0, 1),
    "top_k": _count(-1, 1_000_000),
    "min_p": _number(0, 1),
    "seed": {"type": ["integer", "null"]},
    "presence_penalty": _number(-2, 2),
    "frequency_penalty": _number(-2, 2),
    "max_tokens": _count(1, 1_000_000),
    "stop": {"anyOf": [*_TEXTS["anyOf"], {"type": "null"}]},
    "stream": _FLAG,
    "stream_options": record({}, include_usage=_FLAG),
    "response_format": record({"type": {"enum": ["text", "json_object", "json_schema"]}}, json_schema=ANYTHING),
    "structured_outputs": record({}, json=ANYTHING, regex=STRING, choice=array(STRING), grammar=STRING),
}
CHAT = record(
    {"messages": {**array(record({"role": STRING}, content=_CONTENT)), "minItems": 1}},
    **_WANTED,
    max_completion_tokens=_count(1, 1_000_000),
    logprobs=_FLAG,
    top_logprobs=_count(0, 20),
    tools=array(record({"type": {"const": "function"}, "function": record({"name": STRING})})),
    tool_choice={"anyOf": [{"enum": ["auto", "none", "required"]}, ANYTHING]},
    parallel_tool_calls=_FLAG,
)
COMPLETION = record({"prompt": _TEXTS}, **_WANTED, logprobs=_count(0, 20), echo=_FLAG)
EMBEDDING = record(
    {"input": _TEXTS}, model=STRING, encoding_format={"enum": ["float", "base64"]}, dimensions=_count(1, 1_000_000)
)

_HEAD: Mapping[str, Schema] = {"id": STRING, "created": _INTEGER, "model": STRING, "usage": _USAGE}
_FINISH: Schema = {"enum": ["stop", "length", "tool_calls"]}
CHAT_ANSWER = record(
    {
        **_HEAD,
        "object": {"const": "chat.completion"},
        "choices": array(record({"index": _INTEGER, "message": ANYTHING, "finish_reason": _FINISH})),
    }
)
COMPLETION_ANSWER = record(
    {
        **_HEAD,
        "object": {"const": "text_completion"},
        "choices": array(record({"index": _INTEGER, "text": STRING, "finish_reason": _FINISH})),
    }
)
_VECTOR: Schema = {"anyOf": [array({"type": "number"}), STRING]}
EMBEDDING_ANSWER = record(
    {
        "object": {"const": "list"},
        "data": array(record({"object": {"const": "embedding"}, "index": _INTEGER, "embedding": _VECTOR})),
        "model": STRING,
        "usage": _USAGE,
    }
)
MODEL = record(
    {"id": STRING, "object": {"const": "model"}, "created": _INTEGER, "owned_by": STRING}, max_model_len=_INTEGER
)
MODELS = record({"object": {"const": "list"}, "data": array(MODEL)})

_FAILURES: Mapping[int, str] = {
    400: "What was wrong with the request, or it does not fit the model's window.",
    401: "No token, or an unknown one.",
    403: "You may not use the model.",
    404: "There is no such model.",
    413: "The request is too long.",
    429: "Too many answers are under way: try again after the seconds in Retry-After.",
    500: "The model could not answer.",
    503: "There is no model at the moment.",
}


def answering(schema: Schema, *, streams: bool = False) -> Mapping[int, Answer]:
    """Return the answers of a route: this one, and every failure in OpenAI's shape."""
    failures = {status: Answer(description=told, schema=ref("OpenAIError")) for status, told in _FAILURES.items()}
    return {200: Answer(schema=schema, also=("text/event-stream",) if streams else ()), **failures}
