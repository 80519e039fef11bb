"""The rows of `script/bench inference` about many requests at once, beside llama-server and the class `Llama`."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import synthetic
from benchmarks.inference_library import library
from benchmarks.inference_local import Local, local
from benchmarks.inference_options import Options
from benchmarks.inference_sides import Ask, Burst, Side, burst, median, tell, words
from benchmarks.llama_server import LlamaServer, llama_server
from benchmarks.report import Figure

SHARED, OWN, WRITTEN = 500, 24, 40
"""Tokens of a request: those it shares with all others, its own, and those it gets."""
_SHORT = 12
_NO_CACHE = ("--cache-ram", "0")  # otherwise it copies prompts to and fro, which costs it more than it brings here
_CHOICES = tuple(
    (*repack, *attention, *_NO_CACHE)
    for repack in ((), ("--no-repack",))
    for attention in (("-fa", "off"), ("-fa", "on"))
)
_seeds = itertools.count(1000)
Bursts = dict[str, list[Burst]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A model, how many requests at once, and where the server stands that is best at it."""

    shape: synthetic.Shape
    requests: int
    shared: str

    def asks(self) -> list[Ask]:
        """Return requests that nobody has asked yet."""
        return [Ask(shared=self.shared, own=words(OWN, next(_seeds))) for _ in range(self.requests)]


async def n1(options: Options) -> list[Figure]:
    """One request: the better of both peers."""
    match = _match(synthetic.ONE_B, 1)
    model = options.model(match.shape)
    flags = await _best_flags(match, model, options)
    async with (
        _ours(match, model, options) as ours,
        _server("llama-server", match, model, options, flags) as server,
        library(model, options.context, options.threads) as alone,
    ):
        await burst(alone, match.asks(), 1)
        found = await _rounds([ours, server, alone], match, 7 * options.rounds)  # they are close, and quick
    rates = {name: _rate(bursts) for name, bursts in found.items()}
    value = rates.pop(ours.name)
    best = max(rates, key=lambda name: rates[name])
    return [_throughput("n1", value, best, rates[best], 1.0), _failures("n1", found[ours.name])]


async def n4(options: Options) -> list[Figure]:
    """Four at once."""
    return _both(await _beside_servers(_match(synthetic.ONE_B, 4), options), "n4", of_defaults=1.3)


async def n8(options: Options) -> list[Figure]:
    """Eight at once, and how long until each has its first token."""
    found = await _beside_servers(_match(synthetic.ONE_B, 8), options)
    return [*_both(found, "n8", of_defaults=1.5), *_first_tokens("ttft_n8", found, 0.5)]


async def tiny_n8(options: Options) -> list[Figure]:
    """Eight at once of a model so small that what is around it costs most."""
    found = await _beside_servers(_match(synthetic.TINY, 8), options)
    ours, theirs = _rate(found[Local.name]), _rate(found["llama-server"])
    return [
        _throughput("tiny_n8", ours, "llama-server", theirs, 3.0),
        _throughput("tiny_n8: its defaults", ours, "llama-server's defaults", _rate(found["defaults"]), None),
        *_first_tokens("tiny_n8: first token", found, None),
    ]


def _match(shape: synthetic.Shape, requests: int) -> Match:
    return Match(shape=shape, requests=requests, shared=words(SHARED, requests))


async def _beside_servers(match: Match, options: Options) -> Bursts:
    """Return what both sides did, and the server as it comes."""
    model = options.model(match.shape)
    flags = await _best_flags(match, model, options)
    async with (
        _ours(match, model, options) as ours,
        _server("llama-server", match, model, options, flags) as best,
        _server("defaults", match, model, options, ()) as defaults,
    ):
        return await _rounds([ours, best, defaults], match, options.rounds)


async def _best_flags(match: Match, model: Path, options: Options) -> Sequence[str]:
    """Return the flags with which the server is fastest at this, found by a short run of each."""
    rates = {}
    for flags in _CHOICES:
        async with _server("llama-server", match, model, options, flags) as server:
            rates[flags] = _projected(await burst(server, match.asks(), _SHORT))
    best = max(rates, key=lambda flags: rates[flags])
    tell(f"llama-server at {match.requests}: " + ", ".join(f"{' '.join(each)} {rates[each]:.1f}" for each in rates))
    return best


def _projected(short: Burst) -> float:
    """Return the rate of a whole answer as far as a short one tells: prompts and steps differ in what suits them."""
    prompts = max(short.first_cpu)
    step = (short.cpu - prompts) / (_SHORT - 1)
    return len(short.first_cpu) * WRITTEN / (prompts + step * (WRITTEN - 1))


@contextlib.asynccontextmanager
async def _server(
    name: str, match: Match, model: Path, options: Options, flags: Sequence[str]
) -> AsyncIterator[LlamaServer]:
    slots = ("-np", str(match.requests), "--kv-unified", "-c", str(options.context))
    async with llama_server(name, model, *slots, "-t", str(options.threads), *flags) as server:
        await server.warm(match.asks()[0], match.requests)
        yield server


@contextlib.asynccontextmanager
async def _ours(match: Match, model: Path, options: Options) -> AsyncIterator[Local]:
    async with local(model, options.settings()) as ours:
        tell(f"Hearth: {ours.choices}")
        await burst(ours, match.asks(), 1)
        yield ours


async def _rounds(sides: Sequence[Side], match: Match, rounds: int) -> Bursts:
    """Ask each side in turn, so that what else goes on at the machine hits all of them."""
    found: Bursts = {side.name: [] for side in sides}
    for _ in range(rounds):
        asks = match.asks()
        for side in sides:
            took = await burst(side, asks, WRITTEN)
            found[side.name].append(took)
            first = 1000 * median(took.first_cpu)
            tell(
                f"{match.shape.name} x {match.requests}, {side.name}: {took.rate:.1f} tokens/CPU-s, first {first:.0f} ms"
            )
    return found


def _rate(bursts: Sequence[Burst]) -> float:
    return median(each.rate for each in bursts)


def _both(found: Bursts, name: str, *, of_defaults: float) -> list[Figure]:
    ours, best, defaults = (_rate(found[side]) for side in (Local.name, "llama-server", "defaults"))
    return [
        _throughput(name, ours, "llama-server", best, 1.0),
        _throughput(f"{name}: its defaults", ours, "llama-server's defaults", defaults, of_defaults),
        _failures(name, found[Local.name]),
    ]


def _throughput(name: str, value: float, peer: str, peer_value: float, reach: float | None) -> Figure:
    return Figure(name=name, value=value, unit="tokens/CPU-s", peer=peer, peer_value=peer_value, reach=reach)


def _failures(name: str, bursts: Sequence[Burst]) -> Figure:
    failed = sum(each.failed for each in bursts)
    return Figure(name=f"{name}: failed requests", value=failed, unit="", reach=0, absolute=True, lower_is_better=True)


def _first_tokens(name: str, found: Bursts, reach: float | None) -> list[Figure]:
    """Return the median time to a first token, on the processor's clock and on the wall's."""
    both = found[Local.name], found["llama-server"]
    ours_cpu, peer_cpu = (1000 * median(time for each in bursts for time in each.first_cpu) for bursts in both)
    ours_wall, peer_wall = (1000 * median(time for each in bursts for time in each.first_wall) for bursts in both)
    return [
        _first_token(name, "CPU-ms", ours_cpu, peer_cpu, reach),
        _first_token(f"{name}, on the wall", "ms", ours_wall, peer_wall, None),
    ]


def _first_token(name: str, unit: str, value: float, peer_value: float, reach: float | None) -> Figure:
    peer = "llama-server"
    return Figure(
        name=name, value=value, unit=unit, peer=peer, peer_value=peer_value, reach=reach, lower_is_better=True
    )
