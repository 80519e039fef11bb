"""Home Assistant's published sentence templates, some sixty languages of them, matched by ``hassil``.

The templates come with the package home-assistant-intents, under CC BY 4.0.
"""

from __future__ import annotations

from collections.abc import Iterable

from hassil import Intents, recognize_best
from hassil.intents import SlotList, TextSlotList
from hassil.recognize import RecognizeResult
from home_assistant_intents import get_intents, get_languages

from hub.agent.calls import Call
from hub.agent.home import Home, Place, Thing
from hub.agent.intents import call_of
from hub.agent.normalise import contains, normalise

_NAMES = {"zh": "zh-CN", "zh-hans": "zh-CN", "zh-hant": "zh-TW"}


class KnownSentences:
    """Matches sentences; the templates of a language are read when it is first spoken."""

    def __init__(self) -> None:
        self._intents: dict[str, Intents | None] = {}

    def match(self, text: str, home: Home, here: Place | None, language: str) -> Call | None:
        """Return the call that a sentence means, or None if no template matches it."""
        intents = self._of(language)
        if intents is None:
            return None
        result = recognize_best(
            text,
            intents,
            slot_lists=_lists(home, normalise(text)),
            intent_context={"area": here.names[0]} if here else {},
            best_slot_name="name",
            language=intents.language,
        )
        return _call(result, home) if result else None

    def _of(self, language: str) -> Intents | None:
        file = _file_of(language)
        if file not in self._intents:
            data = get_intents(file) if file else None
            self._intents[file] = Intents.from_dict(data) if data else None
        return self._intents[file]


def _file_of(language: str) -> str:
    """Return the name under which a language's templates are kept; empty for an unknown one."""
    wanted = _NAMES.get(language.lower(), language).lower()
    languages = {name.lower(): name for name in get_languages()}
    return languages.get(wanted) or languages.get(wanted.partition("-")[0], "")


def _lists(home: Home, utterance: str) -> dict[str, SlotList]:
    return {
        "name": _slots(home.things, utterance),
        "area": _slots(home.areas, utterance),
        "floor": _slots(home.floors, utterance),
    }


def _slots(named: Iterable[Thing | Place], utterance: str) -> TextSlotList:
    """Return the names that the utterance holds: no other can match, and a home has many."""
    found = [
        (written, spoken, _context(item))
        for item in named
        for spoken, written in zip(item.names, item.written, strict=True)
        if contains(utterance, spoken)
    ]
    return TextSlotList.from_tuples(found, allow_template=False)


def _context(item: Thing | Place) -> dict[str, str]:
    if isinstance(item, Place):
        return {}
    return {"domain": item.domain, **({"device_class": item.device_class} if item.device_class else {})}


def _call(result: RecognizeResult, home: Home) -> Call | None:
    slots = {name: entity.value for name, entity in result.entities.items()}
    named = home.named(str(slots.get("name", "")))
    return call_of(result.intent.name, slots, named[0].domain if named else None)
