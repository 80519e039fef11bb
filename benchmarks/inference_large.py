"""The rows of `script/bench inference --full` about the 7B shape: its memory in a small machine, and its speed."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import memory_group, synthetic
from benchmarks.inference_by_hand import Run, Took
from benchmarks.inference_local import local
from benchmarks.inference_options import Options
from benchmarks.inference_sides import Ask, burst, median, tell, words
from benchmarks.report import Figure

MIB, GIB = 1 << 20, 1 << 30
CONTEXT, LIMIT = 4096, 8 * GIB
MOST = 6200
"""MiB. The weights and their keys and values are 6,230 MB of a million bytes already: 5,942 MiB."""
PROMPT, WRITTEN = 512, 32
_ADDED = 2  # the token that begins every prompt, and the space that this vocabulary puts before a text
_HAND = (
    Run(prompt=128, steps=8, repack=repack, flash_attention=attention)
    for repack in (False, True)
    for attention in (False, True)
)
_seeds = itertools.count(95_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The most that it had resident, and how often the kernel had to take pages away to make room."""

    mib: float
    evictions: int | None


async def mem_7b(options: Options) -> list[Figure]:
    """The most memory of worker and hub, in a group of processes that may have 8 GB; beside it, the class `Llama`."""
    model = options.model(synthetic.SEVEN_B)
    ours = await asyncio.to_thread(_in_group, model, "ours", options)
    theirs = await asyncio.to_thread(_in_group, model, "library", options)
    tell(f"7B in {LIMIT // GIB} GiB: Hearth {asdict(ours)}, library {asdict(theirs)}")
    figure = Figure(
        name="mem_7b",
        value=ours.mib,
        unit="MiB",
        peer="the library's default",
        peer_value=theirs.mib,
        reach=MOST,
        absolute=True,
        lower_is_better=True,
    )
    if ours.evictions is None:
        return [figure]
    evictions = Figure(
        name="mem_7b: evictions",
        value=ours.evictions,
        unit="",
        peer="the library's default",
        peer_value=theirs.evictions,
        reach=0,
        absolute=True,
        lower_is_better=True,
    )
    return [figure, evictions]


def _in_group(model: Path, side: str, options: Options) -> Memory:
    memory_group.forget_file(model)
    with memory_group.limited(LIMIT) as group:
        command = [sys.executable, "-m", "benchmarks.inference_memory", side, str(model), str(options.threads)]
        found = subprocess.run([*group.command, *command], stdout=subprocess.PIPE, text=True, check=True)
        return Memory(mib=float(found.stdout.split()[-1]) / MIB, evictions=group.evictions())


async def speed_7b(options: Options) -> list[Figure]:
    """Its speed, beside the best configuration that can be found by hand."""
    model = options.model(synthetic.SEVEN_B)
    await _by_hand(model, Run(prompt=8, steps=1), options)  # the file comes into memory, which nobody is to pay for
    best = max([(_speed(await _by_hand(model, run, options), run), run) for run in _HAND], key=lambda each: each[0])[1]
    tell(f"7B by hand: best is {best}")
    long = Run(prompt=PROMPT, steps=WRITTEN, repack=best.repack, flash_attention=best.flash_attention)
    hand, ours = [], []
    for _ in range(options.rounds):
        took = await _by_hand(model, long, options)
        hand.append((PROMPT / took.prefill, WRITTEN / took.decode))
        ours.append(await _ours(model, options))
    return [
        Figure(
            name=f"speed_7b: {what}",
            value=median(each[place] for each in ours),
            unit="tokens/CPU-s",
            peer="by hand",
            peer_value=median(each[place] for each in hand),
            reach=0.95,
        )
        for place, what in enumerate(("prefill", "decode"))
    ]


def _speed(took: Took, run: Run) -> float:
    """Return how good a configuration is for a prompt of some hundred tokens and a short answer."""
    return 1 / (PROMPT / run.prompt * took.prefill + WRITTEN / run.steps * took.decode)


async def _by_hand(model: Path, run: Run, options: Options) -> Took:
    settings = {**asdict(run), "threads": options.threads, "context": CONTEXT}
    words_of = [f"{key}={json.dumps(value)}" for key, value in settings.items()]
    command = (sys.executable, "-m", "benchmarks.inference_by_hand", str(model), *words_of)
    process = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, env={**os.environ, "OMP_WAIT_POLICY": "passive"}
    )
    answer, _ = await process.communicate()
    took = Took(**json.loads(answer))
    tell(
        f"7B by hand, {run}: {run.prompt / took.prefill:.1f} and {run.rows * run.steps / took.decode:.2f} tokens/CPU-s"
    )
    return took


async def _ours(model: Path, options: Options) -> tuple[float, float]:
    async with local(model, options.settings(context=CONTEXT)) as ours:
        tell(f"Hearth: {ours.choices}")
        await burst(ours, [Ask(shared="", own=words(16, next(_seeds)))], 2)  # the pages of the file come into memory
        took = await burst(ours, [Ask(shared="", own=words(PROMPT - _ADDED, next(_seeds)))], WRITTEN)
    return PROMPT / took.first_cpu[0], (WRITTEN - 1) / (took.cpu - took.first_cpu[0])
