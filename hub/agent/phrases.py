"""The agent's sentences, from one catalogue per language: a key and placeholders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import orjson

from hub.agent.home import Thing
from hub.agent.normalise import has_chinese

LANGUAGES = ("en", "zh-Hans")
_FOLDER = Path(__file__).parent / "translations"
_MOST_NAMES = 4
_MOST_OPTIONS = 6


def language_of(text: str, preferred: str | None) -> str:
    """Return the language of an utterance: ``preferred``, unless its script says otherwise."""
    if has_chinese(text):
        return preferred if preferred and preferred.lower().startswith(("zh", "ja")) else "zh-Hans"
    return preferred if preferred and not preferred.lower().startswith("zh") else "en"


class Phrases:
    """Speaks one language; English where there is no catalogue for it."""

    def __init__(self, language: str) -> None:
        self.language = "zh-Hans" if language.lower().startswith("zh") else "en"
        self._catalogue = catalogue(self.language)

    def __contains__(self, key: str) -> bool:
        return key in self._catalogue

    def say(self, key: str, **placeholders: object) -> str:
        """Return the phrase of that key."""
        return self._catalogue[key].format_map(placeholders)

    def name(self, thing: Thing) -> str:
        """Return the thing's name in this language's script, if it has one."""
        chinese = self.language == "zh-Hans"
        return next((name for name in thing.written if has_chinese(name) is chinese), thing.name)

    def names(self, things: Sequence[Thing]) -> str:
        """Return the things' names as a list; of many only their number."""
        if len(things) <= _MOST_NAMES:
            return self.join([self.name(thing) for thing in things])
        kinds = {thing.kind for thing in things}
        key = f"list.more.{kinds.pop()}" if len(kinds) == 1 else ""
        return self.say(key if key in self else "list.more", count=len(things))

    def options(self, things: Sequence[Thing]) -> str:
        """Return the first of the things as choices."""
        return self.join([self.name(thing) for thing in things[:_MOST_OPTIONS]], last="list.or")

    def join(self, parts: Sequence[str], *, separator: str = "list.separator", last: str = "list.last") -> str:
        """Return the parts as a list in words."""
        if len(parts) < 2:
            return "".join(parts)
        return self.say(separator).join(parts[:-1]) + self.say(last) + parts[-1]

    def sentences(self, parts: Sequence[str]) -> str:
        """Return sentences one after another, each once."""
        return self.say("sentence.separator").join(dict.fromkeys(part for part in parts if part))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the phrases of a language by their keys."""
    loaded: dict[str, str] = orjson.loads((_FOLDER / f"{language}.json").read_bytes())
    return loaded
