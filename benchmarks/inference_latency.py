"""The rows of `script/bench inference` about waiting: first tokens on known prefixes, the hub's timers, cancellations."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import AsyncIterator, Iterable

from benchmarks import synthetic
from benchmarks.inference_local import Local, local, request
from benchmarks.inference_options import Options
from benchmarks.inference_sides import Ask, burst, median, tell, words
from benchmarks.report import Figure

PREFIX, OWN, WRITTEN = 2000, 24, 4
"""Tokens of a prompt, those known before and those of its own, and of its answer."""
TIMES_LESS = 40
_TICK, _LISTEN, _PASSES = 0.002, 5.0, 3
_CANCELS = 40
_MOST_MS = 50
_EARLIEST, _LATEST = 0.1, 1.5  # seconds after the request: the prefill takes longer even on a fast machine
_seeds = itertools.count(50_000)


async def ttft_prefix(options: Options) -> list[Figure]:
    """The first token on a prefix that is new, known, and known since before a restart."""
    model, prefixes = options.model(synthetic.ONE_B), [words(PREFIX, seed) for seed in (1, 2)]
    async with local(model, options.settings()) as ours:
        cold = [await _first(ours, prefix) for prefix in prefixes]
        known = [await _first(ours, prefix) for _ in range(options.rounds) for prefix in prefixes]
    restarted = []
    for _ in range(options.rounds):
        async with local(model, options.settings()) as ours:
            restarted += [await _first(ours, prefix) for prefix in prefixes]
    tell(f"First token in ms: cold {_listed(cold)}, known {_listed(known)}, restarted {_listed(restarted)}")
    return [_less("ttft_prefix", known, cold), _less("ttft_restart", restarted, cold)]


async def _first(ours: Local, prefix: str) -> float:
    """Return the milliseconds of processor time to the first token; what it does for later prompts comes after that."""
    took = await burst(ours, [Ask(shared=prefix, own=words(OWN, next(_seeds)))], WRITTEN)
    await ours.free()
    return 1000 * took.first_cpu[0]


def _less(name: str, found: list[float], cold: list[float]) -> Figure:
    return Figure(
        name=name,
        value=median(found),
        unit="CPU-ms",
        peer="cold prefill",
        peer_value=median(cold),
        reach=1 / TIMES_LESS,
        lower_is_better=True,
    )


def _listed(values: Iterable[float]) -> str:
    return " ".join(f"{value:.0f}" for value in values)


async def loop_lateness(options: Options) -> list[Figure]:
    """How late this process's timers are while the worker is busy, beside how late they are anyway."""
    idle, busy = [], []
    async with local(options.model(synthetic.TINY), options.settings(niceness=5)) as ours:
        for _ in range(_PASSES):
            idle.append(await _lateness())
            async with _full_load(ours):
                busy.append(await _lateness())
    tell(f"p99 lateness in ms: idle {_listed(idle)}, busy {_listed(busy)}")
    return [
        Figure(
            name="loop_lateness",
            value=median(busy) - median(idle),
            unit="ms more than idle",
            reach=2,
            absolute=True,
            lower_is_better=True,
        ),
        Figure(name="loop_lateness: at full load", value=median(busy), unit="ms", peer="idle", peer_value=median(idle)),
    ]


async def _lateness() -> float:
    """Return the 99th percentile of how many milliseconds later than asked a timer comes."""
    late = []
    end = time.perf_counter() + _LISTEN
    while (begin := time.perf_counter()) < end:
        await asyncio.sleep(_TICK)
        late.append(1000 * (time.perf_counter() - begin - _TICK))
    return _percentile(late, 0.99)


@contextlib.asynccontextmanager
async def _full_load(ours: Local) -> AsyncIterator[None]:
    """Keep eight requests in flight: the model is small, so that steps, and what they bring, come fast."""

    async def user() -> None:
        while True:
            await ours.usage(Ask(shared="", own=words(OWN, next(_seeds))), 200)

    async with asyncio.TaskGroup() as group:
        users = [group.create_task(user(), name=f"user:{number}") for number in range(8)]
        yield
        for each in users:
            each.cancel()
    await ours.free()


async def cancel(options: Options) -> list[Figure]:
    """How long after its cancellation a request in the middle of its prompt has left the worker."""
    chance = random.Random(synthetic.SEED)
    async with local(options.model(synthetic.ONE_B), options.settings()) as ours:
        await burst(ours, [Ask(shared="", own=words(OWN, next(_seeds)))], 1)
        took = [await _cancelled(ours, chance.uniform(_EARLIEST, _LATEST)) for _ in range(_CANCELS)]
    tell(f"Freed after ms: {_listed(sorted(took))}")
    p99 = _percentile(took, 0.99)
    figure = Figure(name="cancel", value=p99, unit="ms", reach=_MOST_MS, absolute=True, lower_is_better=True)
    middle = Figure(name="cancel: median", value=median(took), unit="ms")
    return [figure, middle]


async def _cancelled(ours: Local, after: float) -> float:
    """Return the milliseconds from the cancellation of a long prompt until the worker is free."""
    ask = Ask(shared="", own=words(PREFIX, next(_seeds)))
    task = asyncio.create_task(ours.backend.complete(request(ask, 1)), name="long prompt")
    await asyncio.sleep(after)
    assert not task.done(), "Expected a prefill that takes longer than the wait for its cancellation"
    begin = time.perf_counter()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await ours.free()
    return 1000 * (time.perf_counter() - begin)


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]
