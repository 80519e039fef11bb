"""``hearth model``: its subcommands."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hub.cli import arguments
from hub.cli.model import add, bench, convert, listing, pull, quantize, remove, use, verify

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth model list
  hearth model pull Qwen/Qwen3-1.7B-GGUF Q4_K_M
  hearth model bench Qwen3-1.7B-Q4_K_M
  hearth model use Qwen3-1.7B-Q4_K_M"""
_SUBCOMMANDS = (listing, use, add, pull, convert, quantize, verify, bench, remove)


def add_parser(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = arguments.add(commands, shared, "model", "get, make, check and measure language models", EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for module in _SUBCOMMANDS:
        module.add_parser(actions, shared)
