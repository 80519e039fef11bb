"""``hearth model quantize``: a model in fewer bits."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from hub.cli import arguments
from hub.cli.model import shared as common

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers
    from hub.inference.library.quantise import Outcome

EXAMPLES = """\
  hearth model quantize mine-f16                Q4_K_M: some 70 % smaller
  hearth model quantize mine-f16 Q6_K --name mine-good"""
_PLAIN_NAME = re.compile(r"[-._](f16|bf16|f32)$", re.IGNORECASE)


def add_parser(actions: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the subcommand."""
    parser = arguments.add(actions, shared, "quantize", "make a model smaller", EXAMPLES, quantize)
    parser.add_argument("model", metavar="MODEL", help="a name or a GGUF file in F16, BF16 or F32")
    parser.add_argument(
        "kind",
        metavar="KIND",
        nargs="?",
        default="Q4_K_M",
        type=str.upper,
        help="Q4_K_M, Q6_K, Q8_0, ... (%(default)s)",
    )
    parser.add_argument("--name", help="what to call it (the model's name and the kind)")
    parser.add_argument("--threads", metavar="N", type=int, help="processors to use (all)")
    parser.add_argument("--requantize", action="store_true", help="take a model that is quantised already")


def quantize(options: argparse.Namespace) -> int:
    """Quantise into the store, and say what it saved."""
    common.need("llama_cpp", extra="inference")
    from hub.cli.progress import bar  # noqa: PLC0415 - other commands start faster without these
    from hub.inference.library.quantise import quantise  # noqa: PLC0415

    store, source = common.store(options), common.model(options)
    name = options.name or f"{_PLAIN_NAME.sub('', source.name)}-{options.kind}"
    with bar() as progress, store.place(name, f"quantize:{source.name}") as incoming:
        outcome = quantise(
            source.path,
            incoming.folder / f"{name}.gguf",
            options.kind,
            threads=options.threads,
            again=options.requantize,
            progress=progress,
        )
    answer = {
        "name": name, "path": str(store.get(name).path), "before": outcome.before, "after": outcome.after,
        "saved_percent": round(outcome.saved, 1), "seconds": round(outcome.seconds, 1), "fallbacks": outcome.fallbacks,
    }  # fmt: skip
    return common.report(options, answer, _text(name, outcome))


def _text(name: str, outcome: Outcome) -> str:
    from hub.cli.progress import duration  # noqa: PLC0415 - other commands start faster without it

    text = (
        f"{name}: {common.size(outcome.before)} before, {common.size(outcome.after)} after, {outcome.saved:.1f} % smaller, "
        f"in {duration(outcome.seconds)}"
    )
    return f"{text}. {outcome.fallbacks} tensors have a shape that needed another kind" if outcome.fallbacks else text
