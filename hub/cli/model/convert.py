"""``hearth model convert``: a GGUF file from a checkpoint."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from hub.cli import arguments
from hub.cli.model import shared as common

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth model convert ./Qwen3-0.6B
  hearth model convert ./my-finetune --out bf16 --name mine-bf16
  hearth model quantize mine-bf16"""
_PRECISIONS = ("f16", "bf16", "f32", "q8_0")


def add_parser(actions: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the subcommand."""
    parser = arguments.add(
        actions,
        shared,
        "convert",
        "make a GGUF file from a Llama, Mistral, Qwen or Gemma checkpoint",
        EXAMPLES,
        convert,
    )
    parser.add_argument(
        "folder", metavar="FOLDER", type=Path, help="with config.json, a tokeniser, and safetensors or PyTorch files"
    )
    parser.add_argument("--out", choices=_PRECISIONS, default="f16", help="f16, bf16, f32 or q8_0 (%(default)s)")
    parser.add_argument("--name", help="what to call it (the folder's name and the kind)")
    parser.add_argument("--pre", help="llama.cpp's name for the way text is split, where it cannot be told")


def convert(options: argparse.Namespace) -> int:
    """Convert into the store."""
    common.need("gguf", "sentencepiece", "numpy")
    from hub.cli.progress import bar  # noqa: PLC0415 - other commands start faster without these
    from hub.inference.library.convert import Precision  # noqa: PLC0415
    from hub.inference.library.convert import convert as make  # noqa: PLC0415

    title = options.folder.resolve().name
    name = options.name or f"{title}-{options.out}"
    store = common.store(options)
    with bar() as progress, store.place(name, f"convert:{options.folder.resolve()}") as incoming:
        target = incoming.folder / f"{name}.gguf"
        make(options.folder, target, name=title, precision=Precision(options.out), pre=options.pre, progress=progress)
    return common.added(options, store.get(name))
