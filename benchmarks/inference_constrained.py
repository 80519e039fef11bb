"""The row of `script/bench inference` about tool calls: what a grammar costs, and what the tokens that it forces save."""

from __future__ import annotations

import itertools
from typing import Any

from benchmarks import synthetic
from benchmarks.inference_local import Local, local
from benchmarks.inference_options import Options
from benchmarks.inference_sides import Ask, median, tell, words
from benchmarks.report import Figure
from hub.core.inference import Constraint

TOOLS, ENTITIES = 20, 200
OWN = 16  # tokens of a prompt that are not known before
_CALLS = 6
_MOST = 80  # no call of the grammar is longer
_DOMAINS = ("light", "switch", "cover", "climate", "fan", "lock", "media_player", "sensor")
_AREAS = ("kitchen", "bedroom", "bathroom", "living_room", "office", "hall", "garden", "cellar", "attic", "garage")
_seeds = itertools.count(80_000)


def tool_calls() -> Constraint:
    """Return what a call of one of the tools on one of the home's entities looks like."""
    return Constraint.json_schema({"anyOf": [_call(number) for number in range(TOOLS)]})


def _call(number: int) -> dict[str, Any]:
    arguments = _object(entity_id={"enum": _entities()}, value={"type": "integer", "minimum": 0, "maximum": 100})
    return _object(name={"const": f"home_tool_{number}"}, arguments=arguments)


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _entities() -> list[str]:
    names = (f"{domain}.{area}_{number}" for number in (1, 2, 3) for domain in _DOMAINS for area in _AREAS)
    return list(itertools.islice(names, ENTITIES))


async def constrained(options: Options) -> list[Figure]:
    """Tokens for each second of processor time, with the grammar and without one."""
    grammar, shared = tool_calls(), words(100, 3)
    with_grammar, without = [], []
    async with local(options.model(synthetic.ONE_B), options.settings()) as ours:
        await _rate(ours, shared, 1, grammar)
        for _ in range(options.rounds):
            rate, tokens = await _rate(ours, shared, _CALLS, grammar)
            with_grammar.append(rate)
            without.append((await _rate(ours, shared, _CALLS, None, most=max(8, tokens // _CALLS)))[0])
            tell(
                f"Tool calls of {tokens / _CALLS:.0f} tokens: {with_grammar[-1]:.1f} tokens/CPU-s, free {without[-1]:.1f}"
            )
    return [
        Figure(
            name="constrained",
            value=median(with_grammar),
            unit="tokens/CPU-s",
            peer="unconstrained",
            peer_value=median(without),
            reach=1.3,
        )
    ]


async def _rate(
    ours: Local, shared: str, calls: int, constraint: Constraint | None, most: int = _MOST
) -> tuple[float, int]:
    """Answer that many prompts, one after the other; return the tokens per second of all it took, and the tokens."""
    begin, tokens = ours.cpu(), 0
    for _ in range(calls):
        ask = Ask(shared=shared, own=words(OWN, next(_seeds)))
        tokens += (await ours.usage(ask, most, constraint=constraint)).output_tokens
    return tokens / (ours.cpu() - begin), tokens
