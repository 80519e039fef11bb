"""The grammar of one request: what the model may answer, as Lark for llguidance. Pure text.

Names, areas and floors are literals of what was retrieved, and free text is a chain of the utterance's own words: whatever
the model writes, it names something that exists or something that was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import orjson

from hub.agent.calls import MOST_CALLS
from hub.agent.kinds import KINDS
from hub.agent.lexicon import EXCEPT, says
from hub.agent.retrieval import Retrieved

MODES = ("auto", "cool", "dry", "fan only", "heat", "heat cool", "off")
WANTED = (
    "on",
    "off",
    "open",
    "closed",
    "locked",
    "unlocked",
    "playing",
    "paused",
    "cleaning",
    "docked",
    "home",
    "away",
)
MEDIA = ("song", "album", "artist", "playlist", "podcast", "show", "movie")
_LONGEST_SPAN = 40

_TOOLS = (
    ("on off toggle open close lock unlock start stop dock locate play next previous mute unmute", "target?"),
    ("brighter darker warmer cooler louder quieter", "target? value?"),
    ("brightness position temperature speed volume", "target? value"),
    ("mode", "target? mode"),
    ("color", "target? color span quote"),
    ("pause resume", "target?"),
    ("pause resume", "timers which?"),
    ("state", "target? wanted?"),
    ("weather", "name?"),
    ("run", "name"),
    ("search", "query span quote media? target?"),
    ("add done", "item span quote"),
    ("timer", "duration named?"),
    ("extend shorten", "which? duration"),
    ("cancel left", "all"),
    ("cancel left", "which?"),
    ("items time date none nevermind", ""),
)
"""The tools, and the rules of their arguments in the order that the model was taught."""

_SEQUENCES: Mapping[str, Sequence[str]] = {
    "target": (
        "name area?",
        "type except?",
        "type all except?",
        "type area except?",
        "type floor except?",
        "area",
        "floor",
        "all",
    ),
    "which": ("named", "area", "of"),
    "named": ("label span quote",),
    "duration": ("hours minutes? seconds?", "minutes seconds?", "seconds"),
    "span": (),
}
"""Rules made of rules: alternatives, and ``?`` behind what may be missing."""


def build(utterance: str, retrieved: Retrieved) -> str:
    """Return the grammar for a normalised utterance."""
    leaves = {**_FIXED, **_tools(), **_literals(retrieved, excepting=says(utterance, EXCEPT))}
    sequences: dict[str, Sequence[str]] = {"call": [f"tool_{number} {rest}" for number, (_, rest) in enumerate(_TOOLS)]}
    sequences.update(_SEQUENCES)
    _add_spans(utterance.split()[:_LONGEST_SPAN], leaves, sequences)
    kept = _reachable(sequences, leaves)
    start = f'start: "[{{" call ("}},{{" call){{0,{MOST_CALLS - 1}}} "}}]"'
    rules = [*leaves.items(), *((name, " | ".join(choices)) for name, choices in kept.items())]
    return "\n".join((start, *(f"{name}: {text}" for name, text in rules)))


def _text(text: str) -> str:
    """Return a Lark string literal; its escapes are JSON's."""
    return orjson.dumps(text).decode()


def _key(name: str, opening: str = '"') -> str:
    return _text(f',"{name}":{opening}')


def _number(name: str, pattern: str) -> str:
    return f"{_key(name, '')} /{pattern}/"


def _one_of(values: Iterable[str]) -> str:
    """Return one of these strings with the quote that ends it."""
    closed = (_text(value + '"') for value in values)
    return f"({' | '.join(closed)})"


def _choice(name: str, values: Iterable[str]) -> str:
    return f"{_key(name)} {_one_of(values)}"


_FIXED: Mapping[str, str] = {
    "quote": _text('"'),
    "all": _text(',"all":true'),
    "timers": _text(',"type":"timer"'),
    "value": _number("value", r"-?(0|[1-9][0-9]{0,2})(\.[0-9])?"),
    "hours": _number("h", "(0|[1-9][0-9]?)"),
    "minutes": _number("m", "(0|[1-9][0-9]{0,2})"),
    "seconds": _number("s", "(0|[1-9][0-9]{0,2})"),
    "of": f'{_key("of")} /[0-9]{{1,3}}[hms]( [0-9]{{1,3}}[ms])?"/',
    "mode": _choice("mode", MODES),
    "wanted": _choice("is", WANTED),
    "media": _choice("kind", MEDIA),
    **{name: _key(name) for name in ("color", "query", "item", "label")},
}


def _tools() -> dict[str, str]:
    tool = _text('"tool":"')
    return {f"tool_{number}": f"{tool} {_one_of(tools.split())}" for number, (tools, _) in enumerate(_TOOLS)}


def _literals(retrieved: Retrieved, *, excepting: bool) -> dict[str, str]:
    """Return the rules of what was retrieved; there is none where nothing was, and no exception where none was said."""
    names = [listed.name for listed in retrieved.listed]
    areas = [*retrieved.areas, *(listed.area or "" for listed in retrieved.listed), retrieved.here or ""]
    kinds = [*KINDS, *(listed.thing.kind for listed in retrieved.listed)]
    left_out = [*names, *areas] if excepting else []
    spoken = {"name": names, "area": areas, "floor": retrieved.floors, "except": left_out}
    literals = {key: [f" {value}" for value in dict.fromkeys(values) if value] for key, values in spoken.items()}
    literals["type"] = list(dict.fromkeys(kinds))
    return {key: _choice(key, values) for key, values in literals.items() if values}


def _add_spans(words: Sequence[str], leaves: dict[str, str], sequences: dict[str, Sequence[str]]) -> None:
    """Add the rules of a run of the utterance's words: each word may be followed by the next one alone."""
    for number, word in enumerate(words):
        leaves[f"word_{number}"] = _text(f" {word}")
        sequences[f"span_{number}"] = (f"word_{number} span_{number + 1}?",)
    sequences["span"] = tuple(f"span_{number}" for number in range(len(words)))


def _reachable(sequences: Mapping[str, Sequence[str]], leaves: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the sequences without what nothing can satisfy."""
    known = {*sequences, *leaves}
    while True:
        kept = {
            name: [c for choice in choices if (c := _applicable(choice, known))] for name, choices in sequences.items()
        }
        lost = {name for name, choices in kept.items() if not choices} & known
        if not lost:
            return {name: choices for name, choices in kept.items() if choices}
        known -= lost


def _applicable(choice: str, known: set[str]) -> str | None:
    """Return the alternative without what is optional and unknown, or None if it needs something unknown."""
    symbols = [symbol for symbol in choice.split() if not symbol.endswith("?") or symbol.rstrip("?") in known]
    return " ".join(symbols) if all(symbol.rstrip("?") in known for symbol in symbols) else None
