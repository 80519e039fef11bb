"""One side of the row mem_7b, in a process of its own so that a group of processes can hold it; no benchmark itself.

``python -m benchmarks.inference_memory ours|library MODEL THREADS`` prints the most bytes that it had resident.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

from benchmarks.inference_library import library
from benchmarks.inference_local import local
from benchmarks.inference_sides import Ask, burst, words
from hub.inference.settings import EngineSettings

CONTEXT, PROMPT, WRITTEN = 4096, 256, 16
_ASK = Ask(shared="", own=words(PROMPT, 7))
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


async def ours(model: Path, threads: int) -> int:
    """Return what worker and hub had, this process being the hub."""
    async with local(model, EngineSettings(context=CONTEXT, threads=threads, niceness=0)) as side:
        await burst(side, [_ASK], WRITTEN)
        return _peak(side.worker) + _peak(os.getpid())


async def theirs(model: Path, threads: int) -> int:
    """Return what the class `Llama` had as it comes."""
    async with library(model, CONTEXT, threads) as side:
        await burst(side, [_ASK], WRITTEN)
        return _peak(side.process.pid)


def _peak(process: int) -> int:
    found = _PEAK.search(Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def main() -> int:
    side, model, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    print(asyncio.run((ours if side == "ours" else theirs)(model, threads)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
