"""Follow-up turns: "the kitchen one" answers "which one?", and completes what was asked for before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hub.agent.home import Home, Thing
from hub.agent.kinds import SPOKEN
from hub.agent.lexicon import EVERY, FILLING, NO, ORDINALS, YES
from hub.agent.normalise import normalise
from hub.agent.planning import Proposal
from hub.agent.policy import Stance
from hub.agent.reading import Read
from hub.core.callers import Caller
from hub.core.clock import Clock

_OPEN_FOR = 120.0
_MOST = 200
_CHOOSING = frozenset({"ask.which", "ask.elsewhere", "ask.sensitive", "ask.one_at_a_time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked back: what was understood until then, and the entity ids it is between."""

    read: Read
    source: str
    entity_ids: tuple[str, ...]
    caller: Caller
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an answer to a question chooses; nothing: it declines. ``vague``: it chooses between these no further."""

    things: tuple[Thing, ...] = ()
    vague: bool = False


class Questions:
    """The open questions, one for a conversation and caller: each is answered by the next turn, or forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, Question] = {}

    def note(self, conversation_id: str, caller: Caller, proposals: Sequence[Proposal], source: str) -> None:
        """Remember what a turn asked back, if it asked which thing was meant."""
        asked = [p for p in proposals if p.verdict.stance is Stance.ASK and p.verdict.key in _CHOOSING]
        if len(asked) != 1 or not asked[0].verdict.things:
            return
        if len(self._open) >= _MOST:
            del self._open[next(iter(self._open))]
        proposal = asked[0]
        self._open[conversation_id] = Question(
            read=Read(call=proposal.call, confidence=proposal.confidence, utterance=proposal.utterance),
            source=source,
            entity_ids=tuple(thing.entity_id for thing in proposal.verdict.things),
            caller=caller,
            until=self._clock.monotonic() + _OPEN_FOR,
        )

    def take(self, conversation_id: str, caller: Caller) -> Question | None:
        """Return the question that is open in a conversation of this caller, and forget it."""
        question = self._open.pop(conversation_id, None)
        if question is None or question.caller != caller or question.until < self._clock.monotonic():
            return None
        return question


def reply_to(question: Question, text: str, home: Home) -> Reply | None:
    """Return what a text chooses of what a question was about, or None if it is no answer to it."""
    things = [thing for entity_id in question.entity_ids if (thing := home.thing(entity_id)) is not None]
    said = _without(normalise(text), FILLING)
    if not things:
        return None
    if said in NO:
        return Reply()
    if said in YES:
        return Reply(things=(things[0],)) if len(things) == 1 else None
    if said in EVERY:
        return Reply(things=tuple(things))
    if said in ORDINALS:
        place = ORDINALS[said]
        return Reply(things=(things[place],)) if place < len(things) else None
    return _spoken_of(_without(said, YES), things, home)


def _spoken_of(said: str, things: Sequence[Thing], home: Home) -> Reply | None:
    """Return the things whose names hold every word that was said, or their names and places together."""
    words = set(said.split())
    telling = words - {word for thing in things for phrase in SPOKEN.get(thing.kind, ()) for word in phrase.split()}
    exact = [thing for thing in things if said in thing.names]
    named = [thing for thing in things if words <= _words(thing.names, thing)]
    placed = [thing for thing in things if words <= _words((*thing.names, *_places(thing, home)), thing)]
    chosen = tuple(exact or (named or placed if telling else ()))
    return Reply(things=chosen, vague=len(chosen) > 1) if chosen else None


def _words(phrases: Iterable[str], thing: Thing) -> set[str]:
    """Return the words of some phrases, and those for things of this kind."""
    return {word for phrase in (*phrases, *SPOKEN.get(thing.kind, ())) for word in phrase.split()}


def _places(thing: Thing, home: Home) -> Iterator[str]:
    for place in (*home.areas, *home.floors):
        if place.ids & {thing.area_id, thing.floor_id}:
            yield from place.names


def _without(said: str, phrases: frozenset[str]) -> str:
    """Return what was said without these words, where anything is left then."""
    rest = " ".join(word for word in said.split() if word not in phrases)
    return rest or said
