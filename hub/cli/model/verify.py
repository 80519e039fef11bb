"""``hearth model verify``: is a model what it was, and does it run here?"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from hub.cli import arguments
from hub.cli.model import shared as common

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth model verify home-6m
  hearth model verify mine-Q4_K_M --no-run     hash and header only"""
_WORDS = {True: "good", False: "BAD", None: "unknown"}


def add_parser(actions: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the subcommand."""
    parser = arguments.add(
        actions, shared, "verify", "check a model's file, and let it write a few words", EXAMPLES, verify
    )
    parser.add_argument("model", metavar="MODEL", help="a name or a GGUF file")
    parser.add_argument("--no-run", action="store_true", help="do not load it")
    common.add_engine_arguments(parser)


def verify(options: argparse.Namespace) -> int:
    """Print each check; the exit code is 1 if one fails."""
    from hub.cli.progress import bar  # noqa: PLC0415 - other commands start faster without these
    from hub.inference.library.verify import verify as checks  # noqa: PLC0415

    if not options.no_run:
        common.quiet()
    with bar() as progress:
        done = list(
            checks(common.model(options), common.engine_settings(options), run=not options.no_run, progress=progress)
        )
    if options.json:
        print(json.dumps([{"check": check.what, "good": check.is_good, "found": check.found} for check in done]))
    else:
        print("\n".join(f"{check.what:<7} {_WORDS[check.is_good]:<8} {check.found}" for check in done))
    return 1 if any(check.is_good is False for check in done) else 0
