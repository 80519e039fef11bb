"""Measures a model on this machine as the hub would run it. Times are of the wall: nothing else should be at work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from hub.core.inference import Completion, CompletionRequest, Piece, Sampling
from hub.errors import InvalidInput
from hub.inference.backend import LocalBackend
from hub.inference.library.progress import Advance, Progress, silent
from hub.inference.pretrained import QuantizedModel
from hub.inference.settings import EngineSettings

REQUESTS = (1, 4, 8)
_WORDS = "the lamp in the kitchen is on and the window of the bedroom is open while it rains "
_QUESTION = 24
_FEW = 4
_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How fast so many requests at once are answered: the tokens of all, those of a second, and the longest wait for a first one."""

    requests: int
    tokens: int
    per_second: float
    first: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was measured: seconds, megabytes, and tokens per second.

    ``cold`` is the time to the first token after a prompt of ``prompt`` tokens, ``warm`` the same when all but its end is known:
    ``reused`` tokens of it. ``chosen`` has how the model is run here: (value, why) by the setting's name.
    """

    model: str
    load: float
    memory_mb: float
    context: int | None
    prompt: int
    reading: float
    cold: float
    warm: float
    reused: int
    loads: tuple[Load, ...]
    chosen: Mapping[str, Any]


async def bench(
    path: Path,
    settings: EngineSettings,
    *,
    prompt: int = 512,
    tokens: int = 48,
    requests: Sequence[int] = REQUESTS,
    progress: Progress = silent,
) -> Report:
    """Measure a model with a prompt and answers of so many tokens, less where its window is smaller.

    Raises ModelUnavailable if it cannot be loaded, InferenceError if it fails, InvalidInput if its window is too small.
    """
    steps = _Steps(3 + len(requests), progress)
    steps.next("loading")
    settings = msgspec.structs.replace(settings, sequences=max(settings.sequences, *requests))
    started = time.perf_counter()
    async with QuantizedModel(path, settings) as backend:
        load = time.perf_counter() - started
        window = backend.capabilities.context
        text = await _text(backend, min(prompt, (window or prompt * 2) // 2))
        steps.next("reading a prompt")
        cold = await _ask(backend, text, 1)
        steps.next("reading its end")
        warm = await _ask(backend, text, 2)
        loads = []
        for count in requests:
            steps.next(f"{count} at a time")
            loads.append(await _load(backend, count, min(tokens, (window or 4096) // count - _QUESTION)))
        status = backend.status()
    steps.done()
    return Report(
        model=path.stem,
        load=load,
        memory_mb=float(status["memory_mb"] or 0),
        context=window,
        prompt=cold.usage.prompt_tokens,
        reading=(cold.usage.prompt_tokens - cold.usage.cached_tokens) / max(cold.usage.first - cold.usage.waited, 1e-6),
        cold=cold.usage.first,
        warm=warm.usage.first,
        reused=warm.usage.cached_tokens,
        loads=tuple(loads),
        chosen=status["report"],
    )


async def _text(backend: LocalBackend, tokens: int) -> str:
    """Return a text of about so many tokens that no earlier run has left in a cache."""
    repeats = tokens // await backend.count(_WORDS)
    if repeats < 1:
        raise InvalidInput(
            f"Expected a prompt of more than {tokens} tokens to measure with: give more with --prompt, or another context"
        )
    return f"{time.time_ns()} {_WORDS * repeats}"


async def _ask(backend: LocalBackend, text: str, number: int) -> Completion:
    prompt = (Piece(text=text), Piece(text=f"\nQuestion {number}: "))
    return await backend.complete(CompletionRequest(prompt=prompt, shared=1, max_tokens=_FEW, timeout=_TIMEOUT))


async def _load(backend: LocalBackend, requests: int, tokens: int) -> Load:
    if tokens < 2:
        raise InvalidInput(
            f"Expected a window for {requests} answers at once, the model's is too small: give fewer with --requests"
        )
    async with asyncio.TaskGroup() as group:
        asked = [
            group.create_task(backend.complete(_request(number, tokens)), name=f"bench:{number}")
            for number in range(requests)
        ]
    usages = [task.result().usage for task in asked]
    writing = max(usage.duration for usage in usages) - min(usage.first for usage in usages)
    written = sum(usage.output_tokens for usage in usages)
    return Load(
        requests=requests,
        tokens=written,
        per_second=max(written - requests, 0) / max(writing, 1e-6),
        first=max(usage.first for usage in usages),
    )


def _request(number: int, tokens: int) -> CompletionRequest:
    sampling = Sampling(temperature=1.0, seed=number)  # the likeliest token of a small model soon is the end
    return CompletionRequest(prompt=f"{number}: the lamp is ", max_tokens=tokens, sampling=sampling, timeout=_TIMEOUT)


class _Steps:
    def __init__(self, total: int, progress: Progress) -> None:
        self._done, self._total, self._progress = -1, total, progress

    def next(self, what: str) -> None:
        self._done += 1
        self._progress(Advance(task="Measuring", done=self._done, total=self._total, detail=what))

    def done(self) -> None:
        self._progress(Advance(task="Measuring", done=self._total, total=self._total))
