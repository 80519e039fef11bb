"""From words to calls: known sentences first, then the model, and several commands in one sentence apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from hub.agent import grammar, prompt
from hub.agent.calls import Call, parse
from hub.agent.confidence import EXACT, Confidence, confidences
from hub.agent.home import Home, Place, Thing
from hub.agent.lexicon import IT, says
from hub.agent.matcher import Matcher
from hub.agent.normalise import normalise
from hub.agent.policy import LEAST_SURE
from hub.agent.reconcile import Said
from hub.agent.retrieval import retrieve
from hub.agent.sentences import split
from hub.agent.tools import TOOLS
from hub.core.inference import CompletionRequest, Constraint, InferenceBackend, Priority

LONGEST = 300
"""Characters of a command: nobody says more in one breath, and the model's context is short."""
_ANSWER_TOKENS = 120
_CANDIDATES = 8
_TIMEOUT = 15.0


class Source(StrEnum):
    """Who may read a sentence: known sentences first and then the model, or the model alone."""

    AUTO = "auto"
    MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One call, how sure it is, and the normalised words that it was read from."""

    call: Call
    confidence: Confidence
    utterance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The calls of a sentence and how they were found; the rest is the model's, for the record."""

    reads: tuple[Read, ...]
    source: str
    raw: str = ""
    prompt: str = ""
    prompt_tokens: int = 0
    output_tokens: int = 0

    @property
    def understood(self) -> bool:
        """True if every call asks for something, and none is a mere guess."""
        return all(read.call.tool != "none" and read.confidence.whole >= LEAST_SURE for read in self.reads)


class Reader:
    """Reads sentences in a home."""

    def __init__(self, backend: InferenceBackend) -> None:
        self._backend = backend
        self._matcher = Matcher()

    async def read(
        self,
        text: str,
        home: Home,
        here: Place | None,
        language: str,
        source: Source,
        priority: Priority = Priority.COMMAND,
    ) -> Reading:
        """Return what a sentence asks for; ``priority`` is the model's.

        Raises InferenceError if the model is needed and cannot answer.
        """
        parts = split(text, home)
        for sentences in (parts, (text,)) if source is Source.AUTO else ():
            known = [await self._known(sentence, home, here, language) for sentence in sentences]
            if known and all(known):
                return _joined([reading for reading in known if reading])
        asked = [await self._part(part, home, here, language, source, priority) for part in parts]
        if asked and all(part.understood for part in asked):
            return _joined(asked)
        return await self._ask(text, home, here, priority)

    async def _part(
        self, text: str, home: Home, here: Place | None, language: str, source: Source, priority: Priority
    ) -> Reading:
        known = await self._known(text, home, here, language) if source is Source.AUTO else None
        return known or await self._ask(text, home, here, priority)

    async def _known(self, text: str, home: Home, here: Place | None, language: str) -> Reading | None:
        call = await self._matcher.match(text, home, here, language)
        if call is None:
            return None
        return Reading(reads=(Read(call=call, confidence=EXACT, utterance=normalise(text)),), source="matcher")

    async def _ask(self, text: str, home: Home, here: Place | None, priority: Priority) -> Reading:
        utterance = normalise(text)
        retrieved = retrieve(utterance, home, here)
        asked = prompt.build(utterance, retrieved)
        completion = await self._backend.complete(
            CompletionRequest(
                prompt=asked,
                constraint=Constraint.lark(grammar.build(utterance, retrieved)),
                max_tokens=_ANSWER_TOKENS,
                candidates=_CANDIDATES,
                priority=priority,
                timeout=_TIMEOUT,
            )
        )
        said = Said(utterance=utterance, home=home, here=here, fits=_fits)
        return Reading(
            reads=_reads(parse(completion.text), confidences(completion), said),
            source="model",
            raw=completion.text,
            prompt=asked,
            prompt_tokens=completion.usage.prompt_tokens,
            output_tokens=completion.usage.output_tokens,
        )


def _reads(calls: Sequence[Call], sure: Sequence[Confidence], said: Said) -> tuple[Read, ...]:
    """Return the calls with their confidences, each once; which of several calls a name belongs to is not for code to guess."""
    if len(sure) != len(calls):  # a back end that tells no probabilities: nothing is known of them
        sure = [Confidence(tool=0.0)] * len(calls)
    distinct: dict[Call, Confidence] = {}
    for call, confidence in zip(calls, sure, strict=True):
        distinct.setdefault(call, confidence)
    narrow = said.narrow if len(distinct) == 1 else _as_it_is
    return tuple(Read(call=narrow(c), confidence=s, utterance=said.utterance) for c, s in distinct.items())


def _as_it_is(call: Call) -> Call:
    return call


def _fits(tool: str, thing: Thing) -> bool:
    return tool not in TOOLS or TOOLS[tool].fits(thing)


def _referring(reads: Sequence[Read]) -> tuple[Read, ...]:
    """Return the calls with "it" replaced by what the call before was about."""
    found: list[Read] = []
    for read in reads:
        call, before = read.call, found[-1].call if found else None
        aimless = not (call.name or call.area or call.floor or call.all)
        if before is None or not aimless or not says(read.utterance, IT):
            found.append(read)
            continue
        target = {key: getattr(before, key) for key in ("name", "type", "all", "area", "floor", "without")}
        utterance = f"{found[-1].utterance} {read.utterance}"
        found.append(replace(read, call=replace(call, **target), utterance=utterance))
    return tuple(found)


def _joined(parts: Sequence[Reading]) -> Reading:
    """Return the readings of a sentence's parts as one."""
    return Reading(
        reads=_referring([read for part in parts for read in part.reads]),
        source="matcher" if all(part.source == "matcher" for part in parts) else "model",
        raw="\n".join(part.raw for part in parts if part.raw),
        prompt="\n\n".join(part.prompt for part in parts if part.prompt),
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        output_tokens=sum(part.output_tokens for part in parts),
    )
