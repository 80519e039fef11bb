"""Log-probabilities as chats and as completions say them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from hub.core.inference import Token

IMPOSSIBLE = -9999.0
"""What OpenAI says for a probability of 0: JSON has no infinity."""


def chat_logprobs(tokens: Iterable[Token]) -> Mapping[str, Any]:
    """Return them in a chat's form."""
    return {"content": [_chat_token(token) for token in tokens], "refusal": None}


def completion_logprobs(tokens: Iterable[Token], offset: int) -> Mapping[str, Any]:
    """Return them in a completion's form; ``offset`` is where the first token begins in the answer."""
    result: dict[str, list[Any]] = {"tokens": [], "token_logprobs": [], "top_logprobs": [], "text_offset": []}
    for token in tokens:
        result["tokens"].append(token.text)
        result["token_logprobs"].append(_finite(token.log_probability))
        result["top_logprobs"].append(dict(_alternatives(token)))
        result["text_offset"].append(offset)
        offset += len(token.text)
    return result


def _chat_token(token: Token) -> Mapping[str, Any]:
    raw = token.text.encode() if token.raw is None else token.raw
    top = [{"token": text, "logprob": value, "bytes": [*text.encode()]} for text, value in _alternatives(token)]
    return {
        "token": token.text,
        "logprob": _finite(token.log_probability),
        "bytes": [*raw],
        "top_logprobs": top,
    }


def _alternatives(token: Token) -> Iterable[tuple[str, float]]:
    """Return the alternatives with the model's own log-probabilities: theirs are among what the grammar allowed."""
    allowed = 1.0 - token.outside
    return [(text, _log(probability * allowed)) for text, probability in token.candidates]


def _log(probability: float) -> float:
    return _finite(math.log(probability)) if probability > 0 else IMPOSSIBLE


def _finite(value: float) -> float:
    return max(min(value, 0.0), IMPOSSIBLE) if math.isfinite(value) else IMPOSSIBLE
