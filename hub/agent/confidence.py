"""How sure the model was of a call, from the probabilities of its tokens, and in words.

Measured on published sentences: the probability of the tool's word says best whether the tool is right, and its product
with the choices that followed among what the grammar allowed says how often the whole call is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hub.agent.calls import TOOLS
from hub.agent.phrases import Phrases
from hub.core.inference import Completion
from hub.core.records import Option

_TOOL = '"tool":"'
_LEVELS = ((0.85, "very_sure"), (0.6, "fairly_sure"), (0.35, "unsure"), (0.0, "guessing"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """From 0 to 1: of the ``tool``, and of the ``rest`` of its call. ``options`` are the tools it chose from."""

    tool: float = 1.0
    rest: float = 1.0
    options: tuple[Option, ...] = ()
    exact: bool = False

    @property
    def whole(self) -> float:
        """How sure the whole call is."""
        return self.tool * self.rest

    def reason(self, phrases: Phrases) -> str:
        """Return why, in words."""
        if self.exact:
            return phrases.say("confidence.exact")
        level = phrases.say(f"confidence.{next(word for least, word in _LEVELS if self.whole >= least)}")
        words = phrases.say("confidence.words", level=level, tool=self.tool, rest=self.rest)
        rivals = [option for option in self.options[1:] if option.probability >= 0.05]
        if not rivals:
            return words
        return words + phrases.say("confidence.rival", name=rivals[0].name, probability=rivals[0].probability)


EXACT = Confidence(exact=True)
"""What a known sentence has."""


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    probability: float
    share: float
    candidates: tuple[tuple[str, float], ...]


def confidences(completion: Completion) -> tuple[Confidence, ...]:
    """Return the confidence of each call in the model's answer, in order."""
    tokens = tuple(_tokens(completion))
    text = "".join(token.text for token in completion.tokens)
    starts = [index + len(_TOOL) for index in _occurrences(text, _TOOL)]
    ends = (*starts[1:], len(text) + len(_TOOL))
    return tuple(_confidence(text, tokens, *span) for span in zip(starts, ends, strict=False))


def _tokens(completion: Completion) -> Iterator[_Token]:
    position = 0
    for token in completion.tokens:
        share = next((probability for candidate, probability in token.candidates if candidate == token.text), 1.0)
        end = position + len(token.text)
        yield _Token(position, end, math.exp(token.log_probability), share, token.candidates)
        position = end


def _occurrences(text: str, part: str) -> Iterator[int]:
    index = text.find(part)
    while index >= 0:
        yield index
        index = text.find(part, index + 1)


def _confidence(text: str, tokens: tuple[_Token, ...], start: int, next_start: int) -> Confidence:
    end = next_start - len(_TOOL)
    quote = text.find('"', start)
    word = [token for token in tokens if token.end > start and token.start < quote]
    rest = [token for token in tokens if token.start >= quote and token.start < end]
    return Confidence(
        tool=math.prod(token.probability for token in word),
        rest=math.prod(token.share for token in rest),
        options=_options(word),
    )


def _options(word: list[_Token]) -> tuple[Option, ...]:
    """Return the tools that were possible at the first piece of the tool's word, pieces completed where only one fits."""
    if not word:
        return ()
    shares: dict[str, float] = {}
    for piece, probability in word[0].candidates:
        name = _completed(piece)
        if name:
            shares[name] = shares.get(name, 0.0) + probability
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    return tuple(
        Option(name=name, probability=round(probability, 4)) for name, probability in ranked if probability >= 0.001
    )


def _completed(piece: str) -> str | None:
    if piece in TOOLS:
        return piece
    fitting = [tool for tool in TOOLS if tool.startswith(piece)] if piece else []
    return fitting[0] if len(fitting) == 1 else f"{piece}…" if fitting else None
