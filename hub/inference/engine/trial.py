"""A model at work for a moment, with settings that can be changed, to see which are quick. Only the worker process imports this."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import llama_cpp as llama

from hub.errors import InferenceError, ModelUnavailable
from hub.inference.engine import native
from hub.inference.settings import CacheType, LoadMode

Clock = Callable[[], float]

SEVERAL = 8
"""How many answers are written at once in a step that is timed."""
FEW = SEVERAL // 2
"""The same for a slow model, and to see whether two such steps are quicker."""
PROMPT = 64
"""How many tokens of a prompt are read at once in a step that is timed."""

SEED = 16
"""How many tokens are computed before anything is timed."""

_PATIENCE = 1.5
_TOKEN = 5
_LOAD = {
    LoadMode.MMAP: llama.LLAMA_LOAD_MODE_MMAP,
    LoadMode.MLOCK: llama.LLAMA_LOAD_MODE_MMAP,  # nothing is swapped within seconds
    LoadMode.READ: llama.LLAMA_LOAD_MODE_NONE,
}
_CACHE = {
    CacheType.F16: llama.GGML_TYPE_F16,
    CacheType.Q8_0: llama.GGML_TYPE_Q8_0,
    CacheType.Q4_0: llama.GGML_TYPE_Q4_0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Settings under trial."""

    threads: int
    batch_threads: int
    flash_attention: bool
    repack: bool
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds that a step takes: of one row, of a few and of several answers' rows, and of a part of a prompt; 0 if not timed."""

    one: float = 0.0
    few: float = 0.0
    several: float = 0.0
    prompt: float = 0.0

    def least(self, other: Times) -> Times:
        """Return the shorter of each: what is longer was disturbed."""
        return Times(
            one=min(self.one, other.one),
            few=min(self.few, other.few),
            several=min(self.several, other.several),
            prompt=min(self.prompt, other.prompt),
        )


@contextmanager
def loaded(path: Path, *, repack: bool, load_mode: LoadMode) -> Iterator[Any]:
    """Load a model for the time of the block."""
    native.start()
    settings = llama.llama_model_default_params()
    settings.n_gpu_layers = 0
    settings.use_extra_bufts = repack
    settings.load_mode = _LOAD[load_mode]
    native.complaints()
    model = llama.llama_model_load_from_file(str(path).encode(), settings)
    if not model:
        raise ModelUnavailable(f"Expected to load {path}: {native.complaints()}")
    try:
        yield model
    finally:
        llama.llama_model_free(model)


class Trial:
    """Times steps of one loaded model, ``depth`` tokens into a text."""

    def __init__(self, model: Any, *, depth: int, batch: int, cache_type: CacheType) -> None:
        self._model, self._depth, self._batch, self._cache_type = model, depth, batch, cache_type
        self._stages: dict[tuple[bool, int], _Stage] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def prepare(self, variant: Variant) -> float:
        """Make ready for a variant; return the seconds that the first tokens took, as a measure of what a trial will."""
        return self._stage(variant).seed_seconds

    def times(self, variant: Variant, clock: Clock = time.perf_counter) -> Times:
        """Time one step of each kind."""
        stage = self._stage(variant)
        return Times(
            one=stage.step(1, clock),
            several=stage.step(SEVERAL, clock),
            prompt=stage.prompt(PROMPT, clock),
        )

    def glance(self, variant: Variant, clock: Clock = time.perf_counter) -> Times:
        """Time only the short steps, of a model that is slow."""
        stage = self._stage(variant)
        return Times(one=stage.step(1, clock), few=stage.step(FEW, clock))

    def halves(self, variant: Variant, clock: Clock = time.perf_counter) -> Times:
        """Time the writing of several answers, and of half of them."""
        stage = self._stage(variant)
        return Times(few=stage.step(FEW, clock), several=stage.step(SEVERAL, clock))

    def reading(self, variant: Variant, tokens: int, clock: Clock = time.perf_counter) -> Times:
        """Time the reading of a long part of a prompt, and nothing else."""
        return Times(prompt=self._stage(variant).prompt(tokens, clock))

    def _stage(self, variant: Variant) -> _Stage:
        key = (variant.flash_attention, variant.rows)
        stage = self._stages.get(key)
        if stage is None:
            stage = _Stage(self._model, variant, self._batch, self._cache_type, depth=self._depth)
            self._open.callback(stage.close)
            stage.use(variant.threads, variant.batch_threads)
            stage.deepen(self._depth)
            self._stages[key] = stage
        stage.use(variant.threads, variant.batch_threads)
        return stage


class _Stage:
    """A context whose first sequence sees ``depth`` tokens."""

    def __init__(self, model: Any, variant: Variant, batch: int, cache_type: CacheType, *, depth: int) -> None:
        settings = llama.llama_context_default_params()
        settings.n_ctx = depth + max(batch, PROMPT) + SEVERAL + SEED
        settings.n_batch = max(batch, PROMPT)
        settings.n_ubatch = variant.rows
        settings.n_seq_max = SEVERAL + 1
        settings.n_outputs_max = settings.n_seq_max  # with less, llama.cpp ends the process
        settings.kv_unified = True
        settings.type_k = settings.type_v = _CACHE[cache_type]
        on, off = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED, llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
        settings.flash_attn_type = on if variant.flash_attention else off
        native.complaints()
        self._context = llama.llama_init_from_model(model, settings)
        if not self._context:
            raise ModelUnavailable(f"Expected a context for a trial: {native.complaints()}")
        self._memory = llama.llama_get_memory(self._context)
        self._rows = llama.llama_batch_init(settings.n_batch, 0, 1)
        self._end = 0
        self.seed_seconds = 0.0

    def use(self, threads: int, batch_threads: int) -> None:
        llama.llama_set_n_threads(self._context, threads, batch_threads)

    def deepen(self, depth: int) -> None:
        """Let every sequence see that many tokens: few are computed, the rest are copies of what was computed for these.

        What they say does not matter here, only how many they are.
        """
        self._undone([(0, 0)], time.perf_counter, last_only=True)  # reads the weights from the disk, once
        self.seed_seconds = self._timed([(0, place) for place in range(SEED)], time.perf_counter, last_only=True)
        if self.seed_seconds > _PATIENCE:
            raise InferenceError(
                f"Expected {SEED} tokens within {_PATIENCE} s for a trial, they took {self.seed_seconds:.1f} s"
            )
        self._end = SEED
        state = self._state()
        for _ in range(depth // SEED - 1):
            llama.llama_state_seq_set_data(self._context, state, len(state), SEVERAL)
            llama.llama_memory_seq_cp(self._memory, SEVERAL, 0, -1, -1)
            llama.llama_memory_seq_rm(self._memory, SEVERAL, -1, -1)
        for sequence in range(1, SEVERAL):
            llama.llama_memory_seq_cp(self._memory, 0, sequence, -1, -1)
        self.step(1, time.perf_counter)  # the first step touches memory for the first time

    def step(self, rows: int, clock: Clock) -> float:
        """Time the writing of a token of each of so many answers."""
        return self._undone([(sequence, self._end) for sequence in range(rows)], clock, last_only=False)

    def prompt(self, tokens: int, clock: Clock) -> float:
        """Time the reading of so many tokens."""
        return self._undone([(0, self._end + place) for place in range(tokens)], clock, last_only=True)

    def close(self) -> None:
        llama.llama_batch_free(self._rows)
        llama.llama_free(self._context)

    def _undone(self, places: Sequence[tuple[int, int]], clock: Clock, *, last_only: bool) -> float:
        taken = self._timed(places, clock, last_only=last_only)
        for sequence in {sequence for sequence, _ in places}:
            llama.llama_memory_seq_rm(self._memory, sequence, self._end, -1)
        return taken

    def _timed(self, places: Sequence[tuple[int, int]], clock: Clock, *, last_only: bool) -> float:
        started = clock()
        self._decode(places, last_only=last_only)
        return clock() - started

    def _decode(self, places: Sequence[tuple[int, int]], *, last_only: bool) -> None:
        rows = self._rows
        rows.n_tokens = len(places)
        for row, (sequence, place) in enumerate(places):
            rows.token[row], rows.pos[row] = _TOKEN, place
            rows.n_seq_id[row], rows.seq_id[row][0] = 1, sequence
            rows.logits[row] = not last_only or row == len(places) - 1
        code = llama.llama_decode(self._context, rows)
        if code != 0:
            raise ModelUnavailable(f"Expected llama.cpp to decode {len(places)} tokens in a trial, it answered {code}")

    def _state(self) -> Any:
        size = llama.llama_state_seq_get_size(self._context, 0)
        buffer = (ctypes.c_uint8 * size)()
        llama.llama_state_seq_get_data(self._context, buffer, size, 0)
        return buffer
