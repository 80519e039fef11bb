"""``hearth``: reads the command line and hands it to the command's module.

Exit codes: 0 done, 1 it failed, 2 the command line is wrong, 3 something was not found, 4 not allowed, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from hub import __version__
from hub.cli import certificate, channel, chat, check, integration, model, run, token, user
from hub.config.folder import default_folder
from hub.errors import HubError, InvalidInput, NotFound, Refused

COMMANDS = (run, check, token, user, integration, model, chat, channel, certificate)
_CODES: tuple[tuple[type[HubError], int], ...] = ((NotFound, 3), (Refused, 4), (InvalidInput, 1))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--config", metavar="DIR", type=Path, default=default_folder(), help="configuration folder (%(default)s)"
    )
    shared.add_argument("--json", action="store_true", help="print JSON")
    root = argparse.ArgumentParser(
        prog="hearth",
        description="Hearth: a hub for your home or plant, with a local agent.",
        epilog="Exit codes: 0 done, 1 failed, 2 wrong command line, 3 not found, 4 not allowed, 130 interrupted.",
    )
    root.add_argument("--version", action="version", version=f"hearth {__version__}")
    commands = root.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.add_parser(commands, shared)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code."""
    options = parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except KeyboardInterrupt:
        return 130
    except HubError as error:
        _complain(error, as_json=options.json)
        return next((code for kind, code in _CODES if isinstance(error, kind)), 1)


def _complain(error: HubError, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": error.key, "message": str(error)}), file=sys.stderr)
    else:
        print(f"hearth: {error}", file=sys.stderr)
