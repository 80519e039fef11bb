"""``hearth model bench``: what a model is worth on this machine."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from hub.cli import arguments
from hub.cli.model import shared as common

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers
    from hub.inference.library.bench import Report

EXAMPLES = """\
  hearth model bench home-6m
  hearth model bench mine-Q4_K_M --prompt 2000 --requests 1,2,16 --json"""


def add_parser(actions: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the subcommand."""
    parser = arguments.add(actions, shared, "bench", "measure a model on this machine", EXAMPLES, bench)
    parser.add_argument("model", metavar="MODEL", help="a name or a GGUF file")
    parser.add_argument("--prompt", metavar="TOKENS", type=int, default=512, help="length of the prompt (%(default)s)")
    parser.add_argument("--tokens", metavar="TOKENS", type=int, default=48, help="length of each answer (%(default)s)")
    parser.add_argument(
        "--requests", metavar="N,N", type=_numbers, default="1,4,8", help="requests at a time (%(default)s)"
    )
    common.add_engine_arguments(parser)


def bench(options: argparse.Namespace) -> int:
    """Measure, and print a report."""
    from hub.cli.progress import bar  # noqa: PLC0415 - other commands start faster without these
    from hub.inference.library.bench import bench as measure  # noqa: PLC0415

    model = common.model(options)
    settings = common.engine_settings(options)
    common.quiet()
    with bar() as progress:
        report = asyncio.run(
            measure(
                model.path,
                settings,
                prompt=options.prompt,
                tokens=options.tokens,
                requests=options.requests,
                progress=progress,
            )
        )
    return common.report(options, {**asdict(report), "size": model.size}, _text(report, model.size))


def _text(report: Report, size: int) -> str:
    rows = [
        f"{report.model}, {common.size(size)}",
        f"  loaded in                {report.load:8.2f} s",
        f"  memory                   {report.memory_mb:8.0f} MB, window {report.context or 'unknown'} tokens",
        f"  reads                    {report.reading:8.1f} tokens/s",
        f"  first token, cold        {report.cold:8.3f} s after {report.prompt} tokens",
        f"  first token, prompt known{report.warm:8.3f} s, {report.reused} tokens reused, {report.cold / max(report.warm, 1e-6):.1f} times faster",
        "  requests    tokens/s    of each    longest wait for a first token",
    ]
    rows += [
        f"  {load.requests:>8}  {load.per_second:>10.1f}  {load.per_second / load.requests:>9.1f}    {load.first:.3f} s"
        for load in report.loads
    ]
    shown = ("threads", "flash_attention", "repack", "gpu_layers")
    chosen = {name.replace("_", " "): report.chosen[name][0] for name in shown if name in report.chosen}
    return "\n".join([*rows, f"  run with {', '.join(f'{name} {_word(value)}' for name, value in chosen.items())}"])


def _word(value: object) -> object:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _numbers(text: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in text.split(","))
    if min(numbers) < 1:
        raise ValueError(text)
    return numbers
