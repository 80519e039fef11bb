"""The rows of `script/bench inference` for a machine and a build of llama.cpp with a GPU: offload, flash attention."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import time

from benchmarks import synthetic
from benchmarks.inference_local import Local, local
from benchmarks.inference_options import Options
from benchmarks.inference_sides import Ask, tell, words
from benchmarks.report import Figure
from hub.inference.settings import Choice

PROMPT, WRITTEN, AT_ONCE = 1024, 64, 8
_ASK = "import llama_cpp, sys; sys.exit(not llama_cpp.llama_supports_gpu_offload())"
_seeds = itertools.count(90_000)


async def gpu(options: Options) -> list[Figure]:
    """The 1B shape on a GPU beside the same on this machine's processor, on the wall's clock."""
    return await _on_gpu(synthetic.ONE_B, "gpu", options)


async def gpu_7b(options: Options) -> list[Figure]:
    """The same for the 7B shape."""
    return await _on_gpu(synthetic.SEVEN_B, "gpu_7b", options)


async def _on_gpu(shape: synthetic.Shape, name: str, options: Options) -> list[Figure]:
    supported = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", _ASK], capture_output=True, check=False)
    if supported.returncode:
        tell(f"{name}: skipped, this build of llama.cpp runs on no GPU (CMAKE_ARGS=-DGGML_CUDA=on makes one)")
        return []
    on_processor = await _speeds(shape, options, layers=0, attention=Choice.AUTO)
    figures = []
    for attention in (Choice.OFF, Choice.ON):
        found = await _speeds(shape, options, layers=-1, attention=attention)
        figures += [
            Figure(
                name=f"{name}: {what}, flash attention {attention.value}",
                value=value,
                unit="tokens/s",
                peer="processor alone",
                peer_value=on_processor[what],
            )
            for what, value in found.items()
        ]
    return figures


async def _speeds(shape: synthetic.Shape, options: Options, *, layers: int, attention: Choice) -> dict[str, float]:
    """Return the tokens a second of taking in a prompt, and of writing one answer and several at once."""
    settings = options.settings(gpu_layers=layers, flash_attention=attention, context=None)
    async with local(options.model(shape), settings) as ours:
        await _one(ours)  # the first one loads kernels
        prompt, writing = await _one(ours)
        begin = time.perf_counter()
        asks = [Ask(shared="", own=words(8, next(_seeds))) for _ in range(AT_ONCE)]
        await asyncio.gather(*(ours.usage(ask, WRITTEN) for ask in asks))
        together = AT_ONCE * WRITTEN / (time.perf_counter() - begin)
    return {"prompt": prompt, "one answer": writing, f"{AT_ONCE} answers": together}


async def _one(ours: Local) -> tuple[float, float]:
    usage = await ours.usage(Ask(shared="", own=words(PROMPT, next(_seeds))), WRITTEN)
    return usage.prompt_tokens / (usage.first - usage.waited), (usage.output_tokens - 1) / (
        usage.duration - usage.first
    )
