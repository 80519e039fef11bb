"""The engine beside llama-server: throughput, first tokens, prefixes, constraints, memory; processor time, in one run."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import (
    inference_batches,
    inference_constrained,
    inference_gpu,
    inference_large,
    inference_latency,
    synthetic,
)
from benchmarks.inference_options import Options
from benchmarks.llama_server import INSTALL, PROGRAM
from benchmarks.report import Figure, report

Measure = Callable[[Options], Coroutine[Any, Any, list[Figure]]]

ROWS: Mapping[str, Measure] = {
    "n1": inference_batches.n1,
    "n4": inference_batches.n4,
    "n8": inference_batches.n8,
    "ttft_n8": inference_batches.n8,
    "tiny_n8": inference_batches.tiny_n8,
    "ttft_prefix": inference_latency.ttft_prefix,
    "ttft_restart": inference_latency.ttft_prefix,
    "constrained": inference_constrained.constrained,
    "loop_lateness": inference_latency.loop_lateness,
    "cancel": inference_latency.cancel,
    "gpu": inference_gpu.gpu,
}
LONG_ROWS: Mapping[str, Measure] = {
    "mem_7b": inference_large.mem_7b,
    "speed_7b": inference_large.speed_7b,
    "gpu_7b": inference_gpu.gpu_7b,
}

BESIDE_SERVER = frozenset({"n1", "n4", "n8", "ttft_n8", "tiny_n8"})


def figures(names: list[str], options: Options) -> Iterator[Figure]:
    """Yield the figures of these rows; what brings several of them is measured once."""
    known = {**ROWS, **LONG_ROWS}
    for measure in dict.fromkeys(known[name] for name in names):
        for figure in asyncio.run(measure(options)):
            if figure.name.partition(":")[0].partition(",")[0] in names:
                yield figure


def main() -> int:
    arguments = _arguments()
    names = arguments.only or [*ROWS, *(LONG_ROWS if arguments.full else ())]
    if not PROGRAM.exists() and BESIDE_SERVER.intersection(names):
        print(f"Expected llama-server to compare with. Build it: {INSTALL}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as cache:
        options = Options(
            models=arguments.models, cache=Path(cache), threads=arguments.threads, rounds=arguments.rounds
        )
        return report(figures(names, options), as_json=arguments.json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object per figure and line")
    parser.add_argument("--full", action="store_true", help="the rows of the 7B shape as well: 4 GB, some minutes")
    parser.add_argument(
        "--only", action="append", choices=[*ROWS, *LONG_ROWS], metavar="ROW", help="this row; may be repeated"
    )
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="of each side")
    parser.add_argument("--rounds", type=int, default=3, help="of each comparison; the medians count")
    parser.add_argument("--models", type=Path, default=synthetic.default_folder(), help="where the models are kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
