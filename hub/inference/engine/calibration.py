"""A short trial of a model on this machine, whose result is kept: which threads, attention and form of weights are quick.

Only what the user left open is tried. What is not clearly better than the rules' choice is not taken.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import msgspec

from hub.errors import InferenceError
from hub.inference.engine import allowance, findings
from hub.inference.engine.findings import Answer, Answers, Kept
from hub.inference.engine.hardware import Machine
from hub.inference.engine.trial import FEW, PROMPT, SEED, SEVERAL, Clock, Times, Trial, Variant, loaded
from hub.inference.gguf import Header
from hub.inference.settings import CacheType, LoadMode

Measure = Callable[[Trial, Variant, Clock], Times]

_LOGGER = logging.getLogger(__name__)
_ATTEMPTS = 3
_SECONDS = 10.0
_ROUNDS = 12
_LEAST_ROUNDS = 3
_ENOUGH_SECONDS = 0.5
_STEPS_COST = 6.0
_GLANCE_COST = 1.5
_HALVES_COST = 1.5
_DEPTH = 1024
_RELOADABLE = 2_000_000_000
_ROWS_TRIED = (128, 256, 512)
_WORTH_A_CORE = 0.8
_WORTH_LESS_CORES = 1.03
_WORTH_A_CHANGE = 0.9
_NEVER_WORSE = 1.05
_KINDS = {"one": "one row", "few": "a few rows", "several": "several rows", "prompt": "a prompt"}
_WORTH_HALVING = 0.95
_WORTH_A_COPY = 0.8
"""Repacked weights are a second copy, in memory that the system cannot take back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What the rules chose, and which of it may be tried."""

    machine: Machine
    threads: int
    rows: int
    batch: int
    context: int
    flash_attention: bool
    repack: bool
    cache_type: CacheType
    load_mode: LoadMode
    ask_threads: bool
    ask_flash_attention: bool
    ask_repack: bool


def calibrated(header: Header, questions: Questions, folder: Path) -> dict[str, tuple[Any, str]]:
    """Return (value, why) of what was tried, by the names of a RunPlan: read from the folder, or tried now and kept there.

    A trial that fails, or for which there is no time, costs nothing else: the rules' choice stays, and the next start tries
    again, a few times.
    """
    path = folder / f"calibration-{_key(header, questions)}.json"
    kept = findings.read(path) or Kept(model=header.path.name, attempts=0)
    if not kept.done and kept.attempts < _ATTEMPTS:
        begun = msgspec.structs.replace(kept, attempts=kept.attempts + 1)
        findings.write(path, begun)
        kept = _tried(header, questions, begun)
        findings.write(path, kept)
    answers = {name: getattr(kept.answers, name) for name in Answers.__struct_fields__}
    return {name: (answer.value, answer.why) for name, answer in answers.items() if answer is not None}


def _tried(header: Header, questions: Questions, begun: Kept) -> Kept:
    started = time.monotonic()
    session = _Session(header=header, questions=questions, deadline=started + _SECONDS)
    try:
        session.run()
    except InferenceError as error:
        _LOGGER.info("The calibration of %s ended early: %s", header.path.name, error)
    taken = round(time.monotonic() - started, 2)
    return msgspec.structs.replace(begun, done=session.complete, seconds=taken, answers=session.answers)


@dataclass(slots=True, kw_only=True)
class _Session:
    """One calibration: one setting after the other, each with the best of those before it."""

    header: Header
    questions: Questions
    deadline: float
    idle: bool = field(default_factory=allowance.idle_machine)
    answers: Answers = field(default_factory=Answers)

    def run(self) -> None:
        best = self._with_one_model(self._first())
        if self.questions.ask_repack and self.header.weights < _RELOADABLE:
            self._repack(best)

    @property
    def complete(self) -> bool:
        """Whether all was tried that matters most; on a busy machine there is not always time."""
        asked, found = self.questions, self.answers
        return (found.threads is not None or not asked.ask_threads) and (
            found.flash_attention is not None or not asked.ask_flash_attention
        )

    def _first(self) -> Variant:
        asked = self.questions
        return Variant(
            threads=asked.threads,
            batch_threads=asked.threads,
            flash_attention=asked.flash_attention,
            repack=asked.repack,
            rows=asked.rows,
        )

    def _with_one_model(self, best: Variant) -> Variant:
        with self._trial(best) as trial:
            if self.questions.ask_threads:
                best = self._threads(trial, best)
            if self.questions.ask_flash_attention:
                best = self._flash_attention(trial, best)
            best = self._rows(trial, best)
            self._halved(trial, best)
            return best

    @contextmanager
    def _trial(self, variant: Variant) -> Iterator[Trial]:
        asked = self.questions
        depth = max(0, min(_DEPTH, asked.context - PROMPT))
        with (
            loaded(self.header.path, repack=variant.repack, load_mode=asked.load_mode) as model,
            Trial(model, depth=depth, batch=max(_ROWS_TRIED), cache_type=asked.cache_type) as trial,
        ):
            yield trial

    def _threads(self, trial: Trial, rule: Variant) -> Variant:
        counts = _thread_counts(self.questions.machine, rule.threads)
        variants = {count: replace(rule, threads=count, batch_threads=count) for count in counts}
        measure = self._measure(trial, rule, len(variants))
        if measure is None:
            return rule
        times = self._compared(lambda variant: measure(trial, variant, time.perf_counter), variants.values())
        one = {count: times[variant].one for count, variant in variants.items()}
        many = {count: _many(times[variant]) for count, variant in variants.items()}
        threads, batch_threads = self._picked(one, rule.threads), self._picked(many, rule.threads)
        self.answers.threads = Answer(threads, _figures("one row", one))
        self.answers.batch_threads = Answer(batch_threads, _figures("several rows", many))
        return replace(rule, threads=threads, batch_threads=batch_threads)

    def _picked(self, seconds: dict[int, float], rule: int) -> int:
        """Return the quickest count, where the hub's own core is given up only for much, and on a machine that has nothing to do."""
        own = self.questions.machine.cores - 1
        allowed = {
            count: taken
            for count, taken in seconds.items()
            if count <= max(own, rule) or (taken < seconds[rule] * _WORTH_A_CORE and self.idle)
        }
        quickest = min(allowed.values())
        return min(count for count, taken in allowed.items() if taken <= quickest * _WORTH_LESS_CORES)

    def _flash_attention(self, trial: Trial, best: Variant) -> Variant:
        other = replace(best, flash_attention=not best.flash_attention)
        measure = self._measure(trial, best, 2)
        if measure is None:
            return best
        times = self._compared(lambda variant: measure(trial, variant, time.process_time), (best, other))
        chosen = other if _better(times[other], times[best]) else best
        self.answers.flash_attention = Answer(chosen.flash_attention, _pair("flash attention", times, best, other))
        return chosen

    def _rows(self, trial: Trial, best: Variant) -> Variant:
        most = min(self.questions.batch, self.questions.context)
        counts = sorted({min(rows, most) for rows in (*_ROWS_TRIED, best.rows)})
        variants = {rows: replace(best, rows=rows) for rows in counts}
        if not self._affordable(trial.prepare(best), len(variants), most / SEED):
            return best
        times = self._compared(lambda variant: trial.reading(variant, most, time.process_time), variants.values())
        seconds = {rows: times[variant].prompt for rows, variant in variants.items()}
        quickest = min(seconds.values())
        rows = min(rows for rows, taken in seconds.items() if taken <= quickest * _WORTH_LESS_CORES)
        self.answers.n_ubatch = Answer(rows, _figures(f"{most} tokens of a prompt", seconds))
        return variants[rows]

    def _halved(self, trial: Trial, best: Variant) -> None:
        """See whether several answers are written quicker in two steps: llama.cpp goes another way from 8 rows on."""
        if not self._affordable(trial.prepare(best), 1, _HALVES_COST):
            return
        times = self._compared(lambda variant: trial.halves(variant, time.process_time), [best])[best]
        halved = 2 * times.few < times.several * _WORTH_HALVING
        figures = f"{FEW} answers {times.few * 1000:.1f} ms, {SEVERAL} answers {times.several * 1000:.1f} ms"
        self.answers.halved = Answer(halved, f"measured, a step of {figures}")

    def _repack(self, best: Variant) -> None:
        other = replace(best, repack=not best.repack)
        with self._trial(best) as first:
            measure = self._measure(first, best, 3)  # the third is for loading
            if measure is not Trial.times:  # short steps alone would hide what repacked weights cost a prompt
                return
            with self._trial(other) as second:
                trials = {best: first, other: second}
                times = self._compared(lambda one: measure(trials[one], one, time.process_time), trials)
        chosen = other if _better(times[other], times[best], _WORTH_A_COPY) else best
        self.answers.repack = Answer(chosen.repack, _pair("repacked weights", times, best, other))

    def _measure(self, trial: Trial, variant: Variant, variants: int) -> Measure | None:
        """Return what there is time for: all kinds of steps, a glance at the short ones, or nothing."""
        seed_seconds = trial.prepare(variant)
        if self._affordable(seed_seconds, variants, _STEPS_COST):
            return Trial.times
        return Trial.glance if self._affordable(seed_seconds, variants, _GLANCE_COST) else None

    def _affordable(self, seed_seconds: float, variants: int, cost: float) -> bool:
        """Whether there is time for a fair trial, if a variant costs that many times what the first tokens took."""
        return time.monotonic() + _LEAST_ROUNDS * variants * cost * seed_seconds < self.deadline

    def _compared(self, measure: Callable[[Variant], Times], variants: Iterable[Variant]) -> dict[Variant, Times]:
        """Time variants in turns, so that what disturbs one disturbs all."""
        started = time.monotonic()
        least = {variant: measure(variant) for variant in variants}
        for done in range(1, _ROUNDS):
            if done >= _LEAST_ROUNDS and time.monotonic() > min(self.deadline, started + _ENOUGH_SECONDS):
                break
            least = {variant: taken.least(measure(variant)) for variant, taken in least.items()}
        return least


def _thread_counts(machine: Machine, rule: int) -> list[int]:
    halves = {machine.cores // 2, machine.physical_cores - 1, machine.physical_cores}
    counts = {rule, machine.cores - 1, machine.cores, *halves}
    return sorted(count for count in counts if 1 <= count <= machine.cores)


def _better(first: Times, second: Times, enough: float = _WORTH_A_CHANGE) -> bool:
    """Whether the first is clearly quicker on the whole, by taking less than ``enough``, and slower at nothing."""
    ratios = _ratios(first, second)
    return sum(ratios) / len(ratios) < enough and max(ratios) <= _NEVER_WORSE


def _many(times: Times) -> float:
    return times.few + times.several + times.prompt


def _ratios(first: Times, second: Times) -> list[float]:
    """Return how much of the second's time the first takes, for each kind of step that was timed."""
    return [one / other for one, other in zip(astuple(first), astuple(second), strict=True) if other]


def _figures(what: str, seconds: Mapping[int, float]) -> str:
    listed = ", ".join(f"{value}: {taken * 1000:.1f} ms" for value, taken in seconds.items())
    return f"measured, {what}: {listed}"


def _pair(what: str, times: Mapping[Variant, Times], best: Variant, other: Variant) -> str:
    first, second = asdict(times[other]), asdict(times[best])
    listed = ", ".join(f"{first[kind] / taken:.2f} for {_KINDS[kind]}" for kind, taken in second.items() if taken)
    return f"measured, {what}: the other choice takes {listed} of the time"


def _key(header: Header, questions: Questions) -> str:
    """Return what a result depends on, as a hash: the model, the library, the processors and what was asked."""
    machine = questions.machine
    settings = [str(getattr(questions, name.name)) for name in fields(questions) if name.name != "machine"]
    place = [machine.library, machine.processor, *sorted(machine.features), machine.cores, machine.physical_cores]
    parts = [findings.FORMAT, header.fingerprint(), *place, *settings]
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:24]
