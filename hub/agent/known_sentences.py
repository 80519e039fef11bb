"""Home Assistant's published sentence templates, some sixty languages of them, matched by ``hassil``.

They come with the package home-assistant-intents, under CC BY 4.0. The folder ``templates`` adds those of our own in the
same form, for what nobody has published any: humidifiers, alarms, what is on a list, timers by their names.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import orjson
from hassil import Intents, recognize_best
from hassil.intents import SlotList, TextSlotList
from hassil.recognize import RecognizeResult
from hassil.util import merge_dict
from home_assistant_intents import get_intents, get_languages

from hub.agent.calls import Call
from hub.agent.home import Home, Place, Thing
from hub.agent.intents import call_of
from hub.agent.normalise import contains, normalise

_OWN = Path(__file__).parent / "templates"
_NAMES = {"zh": "zh-CN", "zh-hans": "zh-CN", "zh-hant": "zh-TW"}


def match(text: str, home: Home, here: Place | None, language: str) -> Call | None:
    """Return the call that a sentence means, or None if no template matches it.

    The templates of a language are read when it is first spoken.
    """
    intents = _templates(_file_of(language))
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


@cache
def _templates(file: str) -> Intents | None:
    data = get_intents(file) if file else None
    own = _OWN / f"{file}.json"
    if data is not None and own.exists():
        merge_dict(data, orjson.loads(own.read_bytes()))
    return Intents.from_dict(data) if data else None


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
    call = call_of(result.intent.name, slots, named[0].domain if named else None)
    if call is not None and call.type == "mower" and not any(thing.kind == "mower" for thing in home.things):
        return None  # "stop" alone is a sentence about mowers in some languages
    return call
