"""Answers in OpenAI's shapes: whole ones, and the chunks of a stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.core.inference import CallDelta, ChatDelta, Delta, FinishReason, Token, Usage


@dataclass(slots=True)
class Choice:
    """One answer as it comes together. ``size`` is how much text there is."""

    texts: list[str] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    calls: dict[int, dict[str, Any]] = field(default_factory=dict)
    finish: FinishReason = FinishReason.STOP
    usage: Usage = field(default_factory=Usage)
    size: int = 0

    @property
    def text(self) -> str:
        """Everything written so far."""
        return "".join(self.texts)

    def add(self, delta: Delta) -> None:
        """Add what was written next."""
        self.texts.append(delta.text)
        self.size += len(delta.text)
        self.tokens += delta.tokens
        self.finish, self.usage = delta.finish or self.finish, delta.usage or self.usage
        if isinstance(delta, ChatDelta):
            for call in delta.calls:
                self._add_call(call)

    def _add_call(self, part: CallDelta) -> None:
        empty = {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
        call = self.calls.setdefault(part.index, empty)
        call["id"] = part.call_id or call["id"]
        call["function"]["name"] = part.name or call["function"]["name"]
        call["function"]["arguments"] += part.arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is the same in every part of an answer. ``kind`` is its object's name."""

    id: str
    kind: str
    created: int
    model: str

    def holding(self, choices: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
        """Return an answer, or a part of one, with these choices."""
        head = {"id": self.id, "object": self.kind, "created": self.created, "model": self.model}
        return {**head, "system_fingerprint": None, "choices": choices, **more}


def usage_of(usages: Iterable[Usage], *, each_prompt: int) -> dict[str, Any]:
    """Return what all of it took; a prompt counts once, though ``each_prompt`` so many choices were written."""
    every = list(usages)
    prompts = every[::each_prompt]
    prompt = sum(usage.prompt_tokens for usage in prompts)
    output = sum(usage.output_tokens for usage in every)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": output,
        "total_tokens": prompt + output,
        "prompt_tokens_details": {"cached_tokens": sum(usage.cached_tokens for usage in prompts)},
    }


def call_parts(calls: Iterable[CallDelta]) -> list[dict[str, Any]]:
    """Return parts of tool calls as a stream has them: who is called comes with the first part only."""
    return [
        {
            "index": part.index,
            **({"id": part.call_id, "type": "function"} if part.call_id else {}),
            "function": {**({"name": part.name} if part.name else {}), "arguments": part.arguments},
        }
        for part in calls
    ]
