"""``hearth model use``: another model for the hub that runs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hub.cli import arguments, control
from hub.cli.model import shared as common

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth model use Qwen3-1.7B-Q8_0
  hearth model use home-6m"""
_PATIENCE = 3600.0
"""Seconds to wait: requests at work may have to end first, and a large model is measured when it is first loaded."""


def add_parser(actions: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the subcommand."""
    parser = arguments.add(
        actions, shared, "use", "change the model of the hub that runs, now and for its next start", EXAMPLES, use
    )
    parser.add_argument("model", metavar="MODEL", help="its name, as 'hearth model list' shows it")


def use(options: argparse.Namespace) -> int:
    """Ask the hub, and wait until the model is ready; the hub goes on if this is interrupted."""
    from hub.cli.progress import waiting  # noqa: PLC0415 - other commands start faster without it

    with waiting(f"Loading {options.model}"):
        status = control.ask(options.config, "/models/use", {"model": options.model}, timeout=_PATIENCE)
    memory = f", {common.size(status['memory_mb'] * 1e6)} of memory" if status["memory_mb"] else ""
    return common.report(options, status, f"{options.model} is in use: window {status['context']} tokens{memory}")
