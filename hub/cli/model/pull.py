"""``hearth model pull``: fetch a model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hub.cli import arguments
from hub.cli.model import shared as common

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth model pull Qwen/Qwen3-1.7B-GGUF Q8_0
  hearth model pull owner/name-GGUF '*q4_k_m.gguf' --name mine
  HF_ENDPOINT=https://mirror.example HF_TOKEN=hf_... hearth model pull owner/private-GGUF"""


def add_parser(actions: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the subcommand."""
    parser = arguments.add(
        actions, shared, "pull", "fetch a model from Hugging Face or a server like it", EXAMPLES, pull
    )
    parser.add_argument("repository", metavar="REPOSITORY", help="owner/name")
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="a GGUF file, a pattern, or a part of its name such as Q4_K_M"
    )
    parser.add_argument("--revision", default="main", help="a branch, tag or commit (%(default)s)")
    parser.add_argument("--name", help="what to call it (the file's name)")


def pull(options: argparse.Namespace) -> int:
    """Fetch the file, with all its parts, and check it; a second try goes on where the first stopped."""
    common.need("huggingface_hub")
    from hub.cli.progress import bar  # noqa: PLC0415 - other commands start faster without these
    from hub.inference.library.pull import pull as fetch  # noqa: PLC0415

    store = common.store(options)
    with bar() as progress:
        model = fetch(
            store, options.repository, options.file, revision=options.revision, name=options.name, progress=progress
        )
    return common.added(options, model)
