"""``hearth model add``: take in a GGUF file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from hub.cli import arguments
from hub.cli.model import shared as common

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth model add ~/Downloads/qwen3-1.7b-q4_k_m.gguf
  hearth model add /big/disk/model-00001-of-00003.gguf --link --name mine"""


def add_parser(actions: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the subcommand."""
    parser = arguments.add(actions, shared, "add", "take in a GGUF file", EXAMPLES, add)
    parser.add_argument("file", metavar="FILE", type=Path, help="the file; of a split model any part")
    parser.add_argument("--name", help="what to call it (the file's name)")
    parser.add_argument("--link", action="store_true", help="leave the file where it is")


def add(options: argparse.Namespace) -> int:
    """Copy or link the file, with all its parts, and write down its hash."""
    from hub.cli.progress import bar  # noqa: PLC0415 - other commands start faster without it

    with bar() as progress:
        model = common.store(options).add(options.file, name=options.name, link=options.link, progress=progress)
    return common.added(options, model)
