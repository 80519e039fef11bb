"""What a grammar costs: tool calls in a home of 200 entities and 20 tools, chosen token by token as the engine does it.

No model is at work here: logits are random, and either agree with the grammar or never do.
``python -m benchmarks.constrained MODEL.gguf [--json]``
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np

from benchmarks.report import Figure, report
from hub.core.inference import GREEDY, Constraint, Tool
from hub.inference.engine import native
from hub.inference.engine.constraint import Grammars
from hub.inference.engine.sampling import Chooser, Logits
from hub.inference.engine.vocabulary import Vocabulary

ROOMS = ("kitchen", "living_room", "bedroom", "bathroom", "hallway", "garage", "garden", "office", "cellar", "attic")
THINGS = ("ceiling", "window", "wall", "door", "desk")
DOMAINS = ("light", "switch", "cover", "climate")
ACTIONS = (
    "turn_on",
    "turn_off",
    "toggle",
    "open",
    "close",
    "stop",
    "lock",
    "unlock",
    "set_temperature",
    "set_level",
    "set_colour",
    "set_mode",
    "set_fan",
    "play",
    "pause",
    "next",
    "previous",
    "set_volume",
    "state",
    "run",
)
CALLS = 20
REACH_US = 1000.0
"""Microseconds of processor time that a token may cost."""
_SPREAD = 3.0
_AGREES = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What calls took, in microseconds of processor time for each of their ``tokens``; ``asked`` had to be chosen."""

    tokens: int
    asked: int
    microseconds: float


def entities() -> tuple[str, ...]:
    """Return the ids of 200 entities."""
    return tuple(f"{domain}.{room}_{thing}" for domain, room, thing in product(DOMAINS, ROOMS, THINGS))


def tools() -> tuple[Tool, ...]:
    """Return 20 tools, each for any of the entities."""
    return tuple(Tool(name=name, description=f"{name} an entity", parameters=_parameters()) for name in ACTIONS)


def constraint() -> Constraint:
    """Return the grammar of one call of one of the tools, as JSON."""
    return Constraint.json_schema({"anyOf": [_call(tool) for tool in tools()]})


def calls() -> Iterator[str]:
    """Yield calls that fit the grammar, letter by letter."""
    ids = entities()
    for number in range(CALLS):
        arguments = {
            "entity_id": ids[number * 37 % len(ids)],
            "value": number * 5,
            "speed": ("slow", "fast")[number % 2],
        }
        call = {"name": ACTIONS[number % len(ACTIONS)], "arguments": arguments}
        yield json.dumps(call, separators=(",", ":"))


def agreeing(vocabulary: Vocabulary, grammars: Grammars) -> Cost:
    """Return what calls cost where the model wants what the grammar allows."""
    known = {vocabulary.raw(token): token for token in range(vocabulary.size)}
    return _cost(vocabulary, grammars, [_Wanting(vocabulary.size, known, call.encode()) for call in calls()])


def refusing(vocabulary: Vocabulary, grammars: Grammars) -> Cost:
    """Return what calls cost where the model always wants something else."""
    return _cost(vocabulary, grammars, [_Stubborn(vocabulary.size, seed) for seed in range(CALLS)])


def free(vocabulary: Vocabulary) -> Cost:
    """Return what a token costs without a grammar."""
    chooser, row, watch = Chooser(GREEDY, vocabulary.size), _random(vocabulary.size, 1), _Watch()
    with watch:
        for _ in range(1000):
            chooser.choose(row)
    return Cost(tokens=1000, asked=1000, microseconds=watch.nanoseconds / 1e6)


def figures(path: Path) -> Iterator[Figure]:
    """Measure with a model's vocabulary."""
    vocabulary = load_vocabulary(path)
    grammars = Grammars(vocabulary)
    yield Figure(name="grammar_first", value=_milliseconds(grammars, Constraint.choice("on")), unit="CPU-ms")
    yield Figure(name="grammar_compiled", value=_milliseconds(grammars, constraint()), unit="CPU-ms")
    yield Figure(name="grammar_known", value=_milliseconds(grammars, constraint()), unit="CPU-ms")
    plain = free(vocabulary)
    for name, cost in (("agreeing", agreeing(vocabulary, grammars)), ("refusing", refusing(vocabulary, grammars))):
        yield Figure(
            name=f"grammar_token_{name}",
            value=cost.microseconds,
            unit="CPU-us",
            peer="without a grammar",
            peer_value=plain.microseconds,
            reach=REACH_US,
            lower_is_better=True,
            absolute=True,
        )
        yield Figure(name=f"grammar_forced_{name}", value=1 - cost.asked / cost.tokens, unit="of tokens")


def load_vocabulary(path: Path) -> Vocabulary:
    """Return the vocabulary of a model file, without its weights."""
    native.start()
    settings = llama_cpp.llama_model_default_params()
    settings.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), settings)
    if not model:
        raise SystemExit(f"Expected a GGUF model, llama.cpp cannot read {path}: {native.complaints()}")
    return Vocabulary(llama_cpp.llama_model_get_vocab(model))


class _Wanting:
    """Logits of a model that wants to write this text."""

    def __init__(self, size: int, known: Mapping[bytes, int], text: bytes) -> None:
        self._row = _random(size, 0)
        self._known = known
        self._text = text

    def after(self, written: bytes) -> Logits:
        """Return the logits after what is written."""
        assert self._text.startswith(written), f"Expected the beginning of {self._text!r}, got {written!r}"
        row, left = self._row.copy(), self._text[len(written) :]
        longest = next(end for end in range(len(left), 0, -1) if left[:end] in self._known)
        row[self._known[left[:longest]]] += _AGREES
        return row


class _Stubborn:
    """Logits of a model that wants whatever it wants."""

    def __init__(self, size: int, seed: int) -> None:
        self._row = _random(size, seed)

    def after(self, _: bytes) -> Logits:
        """Return the logits."""
        return self._row


def _cost(vocabulary: Vocabulary, grammars: Grammars, minds: Sequence[_Wanting | _Stubborn]) -> Cost:
    watch, tokens, asked = _Watch(), 0, 0
    for mind in minds:
        matcher, chooser = grammars.constraint(constraint()), Chooser(GREEDY, vocabulary.size)
        written: list[int] = []
        while True:
            with watch:
                forced = matcher.forced()
                matcher.accept(*forced)
            written += forced
            if matcher.complete:
                break
            row = mind.after(b"".join(map(vocabulary.raw, written)))
            with watch:
                token = chooser.choose(row, matcher).token
                matcher.accept(token)
            written.append(token)
            asked += 1
        tokens += len(written)
    return Cost(tokens=tokens, asked=asked, microseconds=watch.nanoseconds / tokens / 1000)


class _Watch:
    """Adds up the processor time of its blocks."""

    def __init__(self) -> None:
        self.nanoseconds = 0

    def __enter__(self) -> None:
        self._begin = time.thread_time_ns()

    def __exit__(self, *_: object) -> None:
        self.nanoseconds += time.thread_time_ns() - self._begin


def _call(tool: Tool) -> dict[str, Any]:
    properties = {"name": {"const": tool.name}, "arguments": tool.parameters}
    return {
        "type": "object",
        "properties": properties,
        "required": ["name", "arguments"],
        "additionalProperties": False,
    }


def _parameters() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "entity_id": {"enum": list(entities())},
            "value": {"type": "integer", "minimum": 0, "maximum": 100},
            "speed": {"enum": ["slow", "fast"]},
        },
        "required": ["entity_id", "value", "speed"],
        "additionalProperties": False,
    }


def _random(size: int, seed: int) -> Logits:
    return np.random.default_rng(seed).standard_normal(size, dtype=np.float32) * np.float32(_SPREAD)


def _milliseconds(grammars: Grammars, wanted: Constraint) -> float:
    watch = _Watch()
    with watch:
        grammars.constraint(wanted)
    return watch.nanoseconds / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a GGUF file; only its vocabulary is loaded")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    arguments = parser.parse_args()
    return report(figures(arguments.model), as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
