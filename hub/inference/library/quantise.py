"""Makes a model smaller: its weights in fewer bits, by llama.cpp in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.errors import InferenceError, InvalidInput
from hub.inference import gguf
from hub.inference.library.names import siblings
from hub.inference.library.progress import Advance, Progress, Unit, silent
from hub.inference.quantisation import FILE_TYPES

QUANTISATIONS = (
    "Q4_K_M", "Q4_K_S", "Q5_K_M", "Q5_K_S", "Q6_K", "Q8_0", "Q3_K_L", "Q3_K_M", "Q3_K_S", "Q2_K", "Q4_0", "Q4_1", "Q5_0", "Q5_1",
    "IQ4_NL", "IQ4_XS", "F16", "BF16",
)  # fmt: skip
"""What can be made, the usual choice first. Fewer bits than these need statistics of the model at work (an importance matrix)."""
_NUMBERS = {name: number for number, name in FILE_TYPES.items()}
_PLAIN = frozenset({"F32", "F16", "BF16", "F64"})
_PROGRAM = (sys.executable, "-P", "-m", "hub.inference.library.quantiser")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it: bytes before and after, seconds, and how many tensors had a shape that only other kinds fit."""

    before: int
    after: int
    seconds: float
    fallbacks: int

    @property
    def saved(self) -> float:
        """Per cent of the bytes that are saved."""
        return 100 * (1 - self.after / self.before)


def quantise(
    source: Path,
    target: Path,
    kind: str = "Q4_K_M",
    *,
    threads: int | None = None,
    again: bool = False,
    progress: Progress = silent,
) -> Outcome:
    """Write a model with its weights in ``kind``. ``again`` allows a source that is quantised already.

    Raises ModelUnavailable if the source is no model, InvalidInput if it or the kind cannot be used, InferenceError if
    llama.cpp fails.
    """
    if kind not in QUANTISATIONS:
        raise InvalidInput(f"Expected one of {', '.join(QUANTISATIONS)}, got {kind}")
    headers = [gguf.read(part) for part in siblings(source)]
    sizes = {tensor.name: tensor.size for header in headers for tensor in header.tensors}
    if not again:
        _check_plain(source, headers)
    started, done, fallbacks = time.monotonic(), 0, 0
    for event in _events(source, target, kind, threads or os.cpu_count() or 1, again):
        if "error" in event:
            raise InferenceError(f"Expected llama.cpp to quantise {source} to {kind}: {event['error']}")
        fallbacks = int(event.get("fallbacks", fallbacks))
        if (name := event.get("tensor")) in sizes:
            progress(Advance(task="Quantising", done=done, total=sum(sizes.values()), unit=Unit.BYTES, detail=name))
            done += sizes[name]
    progress(Advance(task="Quantising", done=done, total=done, unit=Unit.BYTES))
    return Outcome(
        before=sum(header.size for header in headers),
        after=target.stat().st_size,
        seconds=time.monotonic() - started,
        fallbacks=fallbacks,
    )


def _check_plain(source: Path, headers: list[gguf.Header]) -> None:
    kinds = {tensor.type for header in headers for tensor in header.tensors} - _PLAIN
    if kinds:
        raise InvalidInput(
            f"Expected weights in F32, F16 or BF16, {source.name} has {', '.join(sorted(kinds))}: quantising twice adds errors to "
            "errors. Take the model in F16, or do it all the same with --requantize"
        )


def _events(source: Path, target: Path, kind: str, threads: int, again: bool) -> Iterator[dict[str, str]]:
    arguments = (str(source), str(target), str(_NUMBERS[kind]), str(threads), str(int(again)))
    # the pipe to its standard input is never written to: it ends with this process, and the child with the pipe
    environment = {**os.environ, "GGML_NO_BACKTRACE": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        (*_PROGRAM, *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                yield json.loads(line)
        except BaseException:
            process.kill()
            raise
    if code := process.returncode:
        yield {"error": f"its process ended with code {code}"}
