"""A model at work for a moment, in a worker of its own, as the hub would run it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from hub.core.inference import CompletionRequest
from hub.inference.pretrained import QuantizedModel
from hub.inference.settings import EngineSettings

_SENTENCE = "Turn on the light in the kitchen, please."
_TOKENS = 8
_TIMEOUT = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How long a model took to load, in seconds, what memory it takes, and what it said to a sentence."""

    load: float
    memory_mb: float
    tokens: int
    text: str


async def tried(path: Path, settings: EngineSettings) -> Trial:
    """Load a model and let it write a few tokens.

    Raises ModelUnavailable if it cannot be loaded, InferenceError if it cannot answer.
    """
    started = time.perf_counter()
    async with QuantizedModel(path, settings) as backend:
        load = time.perf_counter() - started
        answer = await backend.complete(CompletionRequest(prompt=_SENTENCE, max_tokens=_TOKENS, timeout=_TIMEOUT))
        memory = float(backend.status()["memory_mb"] or 0)
    return Trial(load=load, memory_mb=memory, tokens=answer.usage.output_tokens, text=answer.text)
