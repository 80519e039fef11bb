"""The engine's floor: llama.cpp's functions called one after the other, nothing around them; no benchmark itself.

``python -m benchmarks.inference_by_hand MODEL key=value ...`` prints the processor time of each part as JSON. The keys are
those of ``Run``.
"""

from __future__ import annotations

import ctypes
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import llama_cpp

Rows = Iterable[tuple[int, int]]
"""Sequence and position of each token."""
_TOKEN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """``rows`` sequences go on from a beginning of ``prompt`` tokens that they share, ``steps`` tokens each."""

    prompt: int = 512
    rows: int = 1
    steps: int = 16
    context: int = 4096
    batch: int = 512
    threads: int = 1
    repack: bool = False
    flash_attention: bool = False
    gpu_layers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Seconds of processor time and of the clock on the wall; ``megabytes`` is the most memory that it had."""

    load: float
    prefill: float
    decode: float
    prefill_wall: float
    decode_wall: float
    megabytes: float


class ByHand:
    """A model and a context of it."""

    def __init__(self, model: Path, run: Run) -> None:
        llama_cpp.llama_backend_init()
        silent = llama_cpp.llama_log_callback(lambda _level, _text, _data: None)
        llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
        self._silent = silent  # it is called until the end
        self._model = llama_cpp.llama_model_load_from_file(str(model).encode(), self._model_settings(run))
        self._context = llama_cpp.llama_init_from_model(self._model, self._context_settings(run))
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(run.batch, 0, 1)
        self._run = run

    @staticmethod
    def _model_settings(run: Run) -> llama_cpp.llama_model_params:
        settings: llama_cpp.llama_model_params = llama_cpp.llama_model_default_params()
        settings.n_gpu_layers = run.gpu_layers
        settings.use_extra_bufts = run.repack
        return settings

    @staticmethod
    def _context_settings(run: Run) -> llama_cpp.llama_context_params:
        settings: llama_cpp.llama_context_params = llama_cpp.llama_context_default_params()
        settings.n_ctx, settings.n_batch, settings.n_ubatch = run.context, run.batch, min(run.batch, 512)
        settings.n_seq_max, settings.kv_unified = run.rows + 1, True
        settings.n_threads = settings.n_threads_batch = run.threads
        settings.flash_attn_type = int(run.flash_attention)
        return settings

    def prefill(self) -> None:
        """Take in the beginning that all rows share."""
        for start in range(0, self._run.prompt, self._run.batch):
            end = min(start + self._run.batch, self._run.prompt)
            self._decode(((0, position) for position in range(start, end)), outputs=1)
        for row in range(1, self._run.rows + 1):
            llama_cpp.llama_memory_seq_cp(self._memory, 0, row, -1, -1)

    def decode(self) -> None:
        """Write a token in every row, again and again."""
        for step in range(self._run.steps):
            place = self._run.prompt + step
            self._decode(((row, place) for row in range(1, self._run.rows + 1)), outputs=self._run.rows)

    def _decode(self, rows: Rows, *, outputs: int) -> None:
        batch, count = self._batch, 0
        for count, (sequence, position) in enumerate(rows, 1):
            at = count - 1
            batch.token[at], batch.pos[at] = (_TOKEN + 7 * position + sequence) % 4000, position
            batch.n_seq_id[at], batch.seq_id[at][0], batch.logits[at] = 1, sequence, 0
        for at in range(count - outputs, count):
            batch.logits[at] = 1
        batch.n_tokens = count
        if code := llama_cpp.llama_decode(self._context, batch):
            raise RuntimeError(f"Expected llama_decode to return 0, got {code}")
        llama_cpp.llama_synchronize(self._context)


def measure(model: Path, run: Run) -> Took:
    """Measure in this process."""
    begin = time.process_time()
    hand = ByHand(model, run)
    load = time.process_time() - begin
    prefill, prefill_wall = _took(hand.prefill)
    decode, decode_wall = _took(hand.decode)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Took(
        load=load,
        prefill=prefill,
        decode=decode,
        prefill_wall=prefill_wall,
        decode_wall=decode_wall,
        megabytes=peak,
    )


def _took(work: Callable[[], None]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> int:
    model, *settings = sys.argv[1:]
    run = Run(**{key: json.loads(value) for key, _, value in (word.partition("=") for word in settings)})
    print(json.dumps(asdict(measure(Path(model), run))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
