"""How an answer is drawn, how much of it, and in which form it is sent: what chats and completions have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub.core.inference import Sampling
from hub.errors import InvalidInput
from hub.server.rest.openai.fields import checked, fields, flag, integer, maybe, number, one_or_more, refused, text

MOST_CHOICES = 8
MOST_STOPS = 16
TIMEOUT = 600.0
"""Seconds; the official client waits no longer either."""
TOKENS = integer(1, 1_000_000)
_SEED = integer(-(2**63), 2**63 - 1)
_FIELDS = fields(
    {
        "model": maybe(text(500)),
        "n": maybe(integer(1, MOST_CHOICES)),
        "temperature": maybe(number(0, 2)),
        "top_p": maybe(number(0, 1)),
        "top_k": maybe(integer(-1, 1_000_000)),
        "min_p": maybe(number(0, 1)),
        "seed": maybe(_SEED),
        "presence_penalty": maybe(number(-2, 2)),
        "frequency_penalty": maybe(number(-2, 2)),
        "stop": maybe(one_or_more(MOST_STOPS, 200)),
        "stream": maybe(flag),
        "stream_options": maybe(fields({"include_usage": maybe(flag)})),
        "logit_bias": refused("this hub does not weigh single tokens: leave it out"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a request wants. ``usage``: a stream ends with what the answer took."""

    model: str = ""
    choices: int = 1
    sampling: Sampling
    stop: tuple[str, ...] = ()
    stream: bool = False
    usage: bool = False

    def samplings(self) -> Sequence[Sampling]:
        """Return how each choice is drawn: with a seed, each by another that follows from it."""
        seed = self.sampling.seed
        seeds = [None if seed is None else (seed + at) % 2**63 for at in range(self.choices)]
        return [replace(self.sampling, seed=one) for one in seeds]


def read_wanted(data: Mapping[str, Any]) -> Wanted:
    """Return what a request wants; OpenAI's defaults where it says nothing.

    Raises InvalidInput that names what is wrong.
    """
    found = checked(_FIELDS, data)
    stream = found.get("stream", False)
    if "stream_options" in found and not stream:
        raise InvalidInput("stream_options: expected it with stream alone", path=("stream_options",))
    return Wanted(
        model=found.get("model", ""),
        choices=found.get("n", 1),
        sampling=_sampling(found),
        stop=tuple(stop for stop in found.get("stop", ()) if stop),
        stream=stream,
        usage=bool(found.get("stream_options", {}).get("include_usage")),
    )


def _sampling(found: Mapping[str, Any]) -> Sampling:
    return Sampling(
        temperature=found.get("temperature", 1.0),
        top_p=found.get("top_p", 1.0),
        top_k=max(found.get("top_k", 0), 0),
        min_p=found.get("min_p", 0.0),
        seed=found.get("seed"),
        presence_penalty=found.get("presence_penalty", 0.0),
        frequency_penalty=found.get("frequency_penalty", 0.0),
    )
