"""How well sentences are understood: published sentences through the matcher, the model, and both as the hub uses them.

``script/bench commands [--sample N] [--json]`` prints, for English and Chinese, the share of sentences whose calls
mean what is expected: the same tool on the same things with the same values. The sentences (home-assistant/intents) are a
measure, never training data; they lie beside the repository and are no part of it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks.report import Figure, report
from hub.agent.calls import Call
from hub.agent.home import Home, Place, Thing
from hub.agent.intents import call_of
from hub.agent.kinds import kind_of
from hub.agent.matcher import Matcher
from hub.agent.normalise import normalise
from hub.agent.reading import Reader, Source
from hub.agent.targets import Finder
from hub.agent.tools import TOOLS
from hub.errors import InferenceError
from hub.inference import LocalBackend

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "commands"
LANGUAGES = {"en": "en", "zh-cn": "zh-Hans"}
TIMERS = {"timer", "extend", "shorten", "cancel", "left"}
WORDS = {"open": "on", "closed": "off", "unlocked": "on", "locked": "off", "not home": "away", "clear": "off"}
COLOURS = {"红 色": "red", "红": "red"}
ROOMS = {"Living Room": "客厅", "Kitchen": "厨房", "Bedroom": "卧室"}  # the Chinese tests name some rooms in English


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence, where it is spoken, and the call it means."""

    text: str
    here: Place | None
    expected: Call | None


def read_home(folder: Path) -> Home:
    """Return the home in which the sentences are spoken."""
    data = yaml.safe_load((folder / "_fixtures.yaml").read_text())
    floors = tuple(_place(floor) for floor in data.get("floors", ()))
    areas = tuple(_place(area) for area in data["areas"])
    floor_of = {area["id"]: area.get("floor") for area in data["areas"]}
    things: dict[str, Thing] = {}
    for entity in data["entities"]:
        entity_id = entity["id"] if entity["id"] not in things else f"{entity['id']}_2"
        things[entity_id] = _thing(entity_id, entity, floor_of)
    return Home(things=tuple(things.values()), areas=areas, floors=floors)


def _place(row: Mapping[str, Any]) -> Place:
    return Place(names=(normalise(row["name"]),), written=(row["name"],), ids=frozenset({row["id"]}))


def _thing(entity_id: str, row: Mapping[str, Any], floor_of: Mapping[str, str | None]) -> Thing:
    name = re.sub(r"\[.*?\]", "", row["name"])
    attributes = row.get("attributes") or {}
    degrees = attributes.get("unit_of_measurement") in ("°C", "°F")
    device_class = attributes.get("device_class") or ("temperature" if degrees else None)
    return Thing(
        entity_id=entity_id,
        kind=kind_of(entity_id.partition(".")[0], device_class),
        names=(normalise(name),),
        written=(name,),
        device_class=device_class,
        area_id=row.get("area"),
        floor_id=floor_of.get(row.get("area", "")),
    )


def read_sentences(folder: Path, home: Home) -> Iterator[Sentence]:
    """Yield every sentence of a language."""
    for file in sorted(folder.glob("[a-z]*.yaml")):
        for test in yaml.safe_load(file.read_text()).get("tests", ()):
            intent = test["intent"]
            here = _here((intent.get("context") or {}).get("area"), home)
            expected = _expected(intent["name"], intent.get("slots") or {}, home)
            yield from (Sentence(text=text, here=here, expected=expected) for text in test["sentences"])


def _here(area: str | None, home: Home) -> Place | None:
    names = {normalise(area), normalise(ROOMS.get(area, area))} if area else set()
    return next((place for place in home.areas if names & set(place.names)), None)


def _expected(intent: str, slots: Mapping[str, Any], home: Home) -> Call | None:
    slots = {key: value[0] if isinstance(value, list) else value for key, value in slots.items()}
    if (area := _here(slots.get("area"), home)) is not None:
        slots["area"] = area.names[0]
    named = home.named(normalise(str(slots.get("name", ""))))
    return call_of(intent, slots, named[0].domain if named else None)


def meaning(call: Call, home: Home, here: Place | None) -> tuple[object, ...]:
    """Return what a call comes to, so that calls which do the same are equal."""
    tool = "play" if call.tool == "resume" and call.type != "timer" else call.tool
    tool = "done" if tool == "remove" else tool  # these sentences are older than the intent that takes items off
    if tool in TIMERS or call.type == "timer" or tool in ("add", "done", "search"):
        return tool, call.text, call.seconds, call.area if tool in TIMERS else None
    if tool in ("time", "date", "none", "nevermind", "items", "weather"):
        return (tool,)
    found = Finder(home=home, here=here).find(call, _fits(tool, call), every=tool == "state")
    domains = {thing.domain for thing in found.things}
    if domains == {"weather"}:
        return ("weather",)
    tool = "run" if tool == "on" and domains and domains <= {"scene", "script"} else tool
    place = call.area or (here.names[0] if here and not call.all and not call.floor else None)
    scope = tuple(sorted(t.entity_id for t in found.things)) or (call.name or call.type, place, call.floor)
    color = COLOURS.get(call.color or "", call.color)
    return tool, scope, call.value, color, WORDS.get(call.wanted or "", call.wanted)


def _fits(tool: str, call: Call) -> Callable[[Thing], bool]:
    """Return what can be meant, as the hub's planner has it."""
    if tool not in TOOLS:
        return lambda _: True
    return TOOLS[tool].usually_fits if call.name is None and call.type is None else TOOLS[tool].fits


def right(calls: Iterable[Call], sentence: Sentence, home: Home) -> bool:
    """Say whether the calls are the one that is expected."""
    if sentence.expected is None:
        return False
    got = [meaning(call, home, sentence.here) for call in calls]
    return got == [meaning(replace(sentence.expected), home, sentence.here)]


class Readers:
    """The three ways of understanding a sentence."""

    def __init__(self, backend: LocalBackend) -> None:
        self._matcher = Matcher()
        self._reader = Reader(backend)

    async def matcher(self, sentence: Sentence, home: Home, language: str) -> list[Call]:
        call = await self._matcher.match(sentence.text, home, sentence.here, language)
        return [call] if call else []

    async def model(self, sentence: Sentence, home: Home, language: str) -> list[Call]:
        return await self._read(sentence, home, language, Source.MODEL)

    async def both(self, sentence: Sentence, home: Home, language: str) -> list[Call]:
        return await self._read(sentence, home, language, Source.AUTO)

    async def _read(self, sentence: Sentence, home: Home, language: str, source: Source) -> list[Call]:
        try:
            reading = await self._reader.read(sentence.text, home, sentence.here, language, source)
        except InferenceError:
            return []
        return [read.call for read in reading.reads]


async def measure(sample: int | None) -> list[Figure]:
    """Return the figures of every language and way."""
    backend = LocalBackend()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(backend.run(), name="inference")
        readers = Readers(backend)
        figures = [figure for name, tag in LANGUAGES.items() for figure in await _measure(name, tag, readers, sample)]
        running.cancel()
    return figures


async def _measure(name: str, tag: str, readers: Readers, sample: int | None) -> list[Figure]:
    home = read_home(CORPUS / name)
    sentences = list(read_sentences(CORPUS / name, home))
    if sample is not None and sample < len(sentences):
        sentences = random.Random(0).sample(sentences, sample)
    figures = [Figure(name=f"{name}: sentences", value=len(sentences), unit="")]
    for way in (readers.matcher, readers.model, readers.both):
        hits, times = 0, []
        for sentence in sentences:
            started = time.perf_counter()
            calls = await way(sentence, home, tag)
            times.append(1000 * (time.perf_counter() - started))
            hits += right(calls, sentence, home)
        share = round(100 * hits / len(sentences), 1)
        figures.append(Figure(name=f"{name}: {way.__name__}, right", value=share, unit="%"))
        figures.append(
            Figure(name=f"{name}: {way.__name__}, median", value=round(statistics.median(times), 1), unit="ms")
        )
    return figures


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, help="so many sentences of each language instead of all")
    parser.add_argument("--json", action="store_true", help="print one JSON object per figure")
    options = parser.parse_args()
    if not CORPUS.is_dir():
        print(f"There are no sentences at {CORPUS}: nothing is measured", file=sys.stderr)
        return 0
    return report(asyncio.run(measure(options.sample)), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
