"""What the bodies of chats, completions and embeddings ask of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import voluptuous as vol

from hub.core.inference import (
    BackendCapabilities,
    ChatRequest,
    CompletionRequest,
    EmbeddingRequest,
    Priority,
)
from hub.errors import InvalidInput
from hub.server.rest.openai.constraints import read_constraint
from hub.server.rest.openai.fields import checked, fields, flag, integer, maybe, one_of, one_or_more, refused
from hub.server.rest.openai.messages import read_messages
from hub.server.rest.openai.sampling import MOST_CHOICES, TIMEOUT, TOKENS, Wanted, read_wanted
from hub.server.rest.openai.tools import Tools, read_tools

MOST_PROMPTS = 64
MOST_TEXTS = 256
_OLD_TOOLS = refused("this is long out of use: say tools and tool_choice")
_ALTERNATIVES = integer(0, 20)
_CHAT = fields(
    {
        "max_tokens": maybe(TOKENS),
        "max_completion_tokens": maybe(TOKENS),
        "logprobs": maybe(flag),
        "top_logprobs": maybe(_ALTERNATIVES),
        "functions": _OLD_TOOLS,
        "function_call": _OLD_TOOLS,
        "audio": refused("this model neither hears nor speaks"),
    }
)
_COMPLETION = fields(
    {
        vol.Required("prompt"): one_or_more(MOST_PROMPTS),
        "max_tokens": maybe(TOKENS),
        "logprobs": maybe(_ALTERNATIVES),
        "echo": maybe(flag),
        "suffix": refused("this hub fills no gaps: leave the suffix out"),
        "best_of": maybe(integer(1, MOST_CHOICES)),
    }
)
_EMBEDDING = fields(
    {
        vol.Required("input"): one_or_more(MOST_TEXTS),
        "model": maybe(str),
        "encoding_format": maybe(one_of("float", "base64")),
        "dimensions": maybe(integer(1, 1_000_000)),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedChat:
    """A chat: a request for each choice."""

    wanted: Wanted
    requests: Sequence[ChatRequest]
    tools: Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCompletion:
    """Prompts to complete: a request for each choice of each. ``echo``: the prompt stands before its answer."""

    wanted: Wanted
    requests: Sequence[CompletionRequest]
    echo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedEmbeddings:
    """Texts to place. ``packed``: vectors are sent as base64; ``dimensions`` is how long they are expected to be."""

    model: str
    request: EmbeddingRequest
    packed: bool = False
    dimensions: int | None = None


def read_chat(data: Mapping[str, Any], able: BackendCapabilities) -> AskedChat:
    """Return what the body of a chat asks.

    Raises InvalidInput that names what is wrong, or what the model cannot do.
    """
    wanted, tools, found = read_wanted(data), read_tools(data), checked(_CHAT, data)
    if not able.chat:
        raise InvalidInput("This model completes prompts and knows no chats: use /v1/completions", path=("model",))
    if tools.known and not able.tools:
        raise InvalidInput("tools: this model knows no tools", path=("tools",))
    request = ChatRequest(
        messages=read_messages(data),
        tools=tools.known,
        tool_use=tools.use,
        tool=tools.named,
        several=tools.several,
        constraint=read_constraint(data, able.constraints),
        max_tokens=found.get("max_completion_tokens", found.get("max_tokens")),
        stop=wanted.stop,
        candidates=_chat_candidates(found, able),
        priority=Priority.CHAT,
        timeout=TIMEOUT,
    )
    requests = [replace(request, sampling=sampling) for sampling in wanted.samplings()]
    return AskedChat(wanted=wanted, requests=requests, tools=tools)


def read_completion(data: Mapping[str, Any], able: BackendCapabilities) -> AskedCompletion:
    """Return what the body of a completion asks.

    Raises InvalidInput that names what is wrong, or what the model cannot do.
    """
    wanted, found = read_wanted(data), checked(_COMPLETION, data)
    _check_completion(found, wanted)
    request = CompletionRequest(
        prompt="",
        constraint=read_constraint(data, able.constraints),
        max_tokens=found.get("max_tokens", 16),
        stop=wanted.stop,
        candidates=_bounded(found.get("logprobs"), able, "logprobs"),
        priority=Priority.CHAT,
        timeout=TIMEOUT,
    )
    requests = [
        replace(request, prompt=prompt, sampling=sampling)
        for prompt in found["prompt"]
        for sampling in wanted.samplings()
    ]
    return AskedCompletion(wanted=wanted, requests=requests, echo=found.get("echo", False))


def read_embeddings(data: Mapping[str, Any], able: BackendCapabilities) -> AskedEmbeddings:
    """Return what the body asks to be placed.

    Raises InvalidInput that names what is wrong, or what the model cannot do.
    """
    found = checked(_EMBEDDING, data)
    if not able.embed:
        raise InvalidInput("This model has no embeddings", path=("model",))
    if not all(found["input"]):
        raise InvalidInput("input: expected texts that are not empty", path=("input",))
    request = EmbeddingRequest(texts=tuple(found["input"]), timeout=TIMEOUT)
    return AskedEmbeddings(
        model=found.get("model", ""),
        request=request,
        packed=found.get("encoding_format") == "base64",
        dimensions=found.get("dimensions"),
    )


def _chat_candidates(found: Mapping[str, Any], able: BackendCapabilities) -> int | None:
    most = found.get("top_logprobs")
    if found.get("logprobs"):
        return _bounded(most or 0, able, "top_logprobs")
    if most:
        raise InvalidInput("top_logprobs: expected it with logprobs alone", path=("top_logprobs",))
    return None


def _bounded(candidates: int | None, able: BackendCapabilities, name: str) -> int | None:
    if candidates is not None and candidates > able.candidates:
        raise InvalidInput(f"{name}: expected at most {able.candidates}, got {candidates}", path=(name,))
    return candidates


def _check_completion(found: Mapping[str, Any], wanted: Wanted) -> None:
    if found.get("best_of", wanted.choices) != wanted.choices:
        raise InvalidInput("best_of: expected as many as n: this hub sends all it writes", path=("best_of",))
    if found.get("echo") and found.get("logprobs") is not None:
        raise InvalidInput("echo: this hub has no log-probabilities of a prompt", path=("echo",))
