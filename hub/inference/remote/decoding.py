"""Answers as OpenAI's API writes them, and the slips of other servers. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.inference import CallDelta, ChatDelta, Embeddings, FinishReason, Token, Usage
from hub.errors import InferenceError, ModelUnavailable, PromptTooLong, QueueFull, Unanswerable, WorkerDied
from hub.inference.remote.names import ToolNames

_FINISHES = {
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
}
_TOO_LONG = (
    "context_length_exceeded",
    "exceed_context_size_error",
    "maximum context length",
    "context size",
    PromptTooLong.key,
)
_LONGEST_REASON = 300


@dataclass(slots=True)
class AnswerReader:
    """Reads the chunks of one streamed answer. Keeps what belongs into the last delta: why it ended, and what it took."""

    names: ToolNames = field(default_factory=ToolNames)
    finish: FinishReason | None = None
    usage: Usage = field(default_factory=Usage)
    _named: set[int] = field(default_factory=set)

    def read(self, chunk: Mapping[str, Any]) -> ChatDelta | None:
        """Return what a chunk brings, or None for nothing.

        Raises InferenceError or WorkerDied if it tells a failure, and KeyError, TypeError and the like if it is no chunk.
        """
        if "error" in chunk:
            raise failure(500, chunk)
        if isinstance(used := chunk.get("usage"), Mapping):
            self.usage = _usage(used)
        if not chunk["choices"]:
            return None
        choice = chunk["choices"][0]
        if (reason := choice.get("finish_reason")) is not None:
            self.finish = _FINISHES.get(reason, FinishReason.STOP)
        said = choice.get("delta") or choice.get("message") or {}
        text = choice.get("text") or said.get("content") or ""
        calls = tuple(self._calls(said.get("tool_calls") or ()))
        tokens = tuple(read_tokens(choice.get("logprobs")))
        if not isinstance(text, str):
            raise TypeError(f"text is {type(text).__name__}")
        return ChatDelta(text=text, calls=calls, tokens=tokens) if text or calls or tokens else None

    def last(self, usage: Usage) -> ChatDelta:
        """Return the last delta."""
        finish = self.finish or FinishReason.STOP
        if self._named and finish is FinishReason.STOP:
            finish = FinishReason.TOOL_CALLS
        return ChatDelta(finish=finish, usage=usage)

    def _calls(self, said: Any) -> Iterator[CallDelta]:
        for place, call in enumerate(said):
            index = int(call.get("index", place))
            function = call.get("function") or {}
            arguments = function.get("arguments") or ""
            if not isinstance(arguments, str):
                raise TypeError(f"arguments are {type(arguments).__name__}")
            if index in self._named:
                yield CallDelta(index=index, arguments=arguments)
                continue
            self._named.add(index)
            yield CallDelta(
                index=index,
                arguments=arguments,
                call_id=call.get("id") or f"call{index}",
                name=self.names.mean(str(function["name"])),
            )


def read_tokens(logprobs: Any) -> Iterator[Token]:
    """Yield the tokens of a choice's ``logprobs``, in the form of chats or in the older one of completions."""
    if not logprobs:
        return
    if logprobs.get("content") is not None:
        for token in logprobs["content"]:
            yield Token(
                text=token["token"],
                log_probability=float(token["logprob"]),
                candidates=_candidates((other["token"], other["logprob"]) for other in token.get("top_logprobs") or ()),
            )
        return
    texts, own = logprobs.get("tokens") or (), logprobs.get("token_logprobs") or ()
    tops = logprobs.get("top_logprobs") or [{}] * len(texts)
    for text, log_probability, top in zip(texts, own, tops, strict=False):
        yield Token(
            text=text, log_probability=float(log_probability or 0.0), candidates=_candidates((top or {}).items())
        )


def _candidates(pairs: Any) -> tuple[tuple[str, float], ...]:
    return tuple((str(text), math.exp(float(log_probability))) for text, log_probability in pairs)


def _usage(used: Mapping[str, Any]) -> Usage:
    details = used.get("prompt_tokens_details") or {}
    return Usage(
        prompt_tokens=int(used.get("prompt_tokens") or 0),
        cached_tokens=int(details.get("cached_tokens") or 0),
        output_tokens=int(used.get("completion_tokens") or 0),
    )


def read_embeddings(data: Mapping[str, Any], count: int) -> Embeddings:
    """Return the vectors of an answer, each of length 1.

    Raises InferenceError if there are not ``count`` of them, and KeyError, TypeError and the like if it is no such answer.
    """
    rows = sorted(data["data"], key=lambda row: int(row["index"]))
    if len(rows) != count:
        raise InferenceError(f"Expected {count} vectors, got {len(rows)}")
    vectors = tuple(_unit([float(value) for value in row["embedding"]]) for row in rows)
    return Embeddings(vectors=vectors, usage=_usage(data.get("usage") or {}))


def _unit(vector: list[float]) -> tuple[float, ...]:
    length = math.hypot(*vector) or 1.0
    return tuple(value / length for value in vector)


def failure(status: int, data: object) -> InferenceError:
    """Return the error that a server's refusal means."""
    error = data.get("error", data) if isinstance(data, Mapping) else data
    fields = error if isinstance(error, Mapping) else {"message": error}
    reason = str(fields.get("message") or f"status {status}")[:_LONGEST_REASON]
    signs = f"{fields.get('code')} {fields.get('type')} {reason}".lower()
    if any(sign in signs for sign in _TOO_LONG):
        return PromptTooLong(f"The server refuses the prompt: {reason}")
    if status == 429 or QueueFull.key in signs:
        return QueueFull(f"The server has too much to do: {reason}")
    if status in (401, 403):
        return ModelUnavailable(f"The server refuses the token: {reason}. Correct the server's token")
    if WorkerDied.key in signs:
        return WorkerDied(f"The server lost the request: {reason}")
    if status in (404, 405) or (status >= 500 and status != 501):
        return ModelUnavailable(f"The server cannot answer: {reason}")
    kind = Unanswerable if status in (400, 422) else InferenceError
    return kind(f"The server refuses the request: {reason}")
