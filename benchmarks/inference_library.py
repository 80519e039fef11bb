"""The side of llama-cpp-python's own class `Llama`, in a process of its own; no benchmark itself.

``python -m benchmarks.inference_library MODEL CONTEXT THREADS`` reads requests as lines of JSON and answers with lines.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from benchmarks.cpu_clock import cpu_seconds
from benchmarks.inference_sides import Ask

BEGAN = b"began\n"


class Library:
    """The class `Llama`, one prompt at a time: one side of a comparison."""

    name = "Llama"

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._requests, self._answers = process.stdin, process.stdout
        self._turn = asyncio.Lock()

    def cpu(self) -> float:
        """Return the seconds of processor time used so far."""
        return cpu_seconds(self.process.pid)

    async def answer(self, ask: Ask, tokens: int, began: Callable[[], None]) -> int:
        """Answer a prompt when those before it are done; return how many tokens were written."""
        async with self._turn:
            self._requests.write(json.dumps({"prompt": ask.text, "tokens": tokens}).encode() + b"\n")
            while (line := await self._answers.readline()) == BEGAN:
                began()
            return int(line)


@contextlib.asynccontextmanager
async def library(model: Path, context: int, threads: int) -> AsyncIterator[Library]:
    """Run it until the block ends."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", __name__, str(model), str(context), str(threads))
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        yield Library(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def main() -> int:
    from llama_cpp import Llama  # noqa: PLC0415 - the other side runs without it

    model, context, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    llama = Llama(model, n_ctx=context, n_threads=threads, n_threads_batch=threads, verbose=False)
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        parts = llama.create_completion(
            request["prompt"], max_tokens=request["tokens"], temperature=0.0, top_k=1, stream=True
        )
        next(iter(parts))
        sys.stdout.buffer.write(BEGAN)
        sys.stdout.buffer.flush()
        for _ in parts:
            pass
        print(llama.n_tokens - len(llama.tokenize(request["prompt"].encode())) + 1, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
