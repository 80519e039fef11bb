"""``hearth integration``: what is installed, and how it is."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from hub.cli import arguments, control

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth integration list
  hearth integration list --json | jq '.[] | select(.status == "broken")'"""


def add_parser(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = arguments.add(commands, shared, "integration", "see what is installed", EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    arguments.add(
        actions, shared, "list", "list the installed integrations with their status", EXAMPLES, list_integrations
    )


def list_integrations(options: argparse.Namespace) -> int:
    """Print every installed integration; from the running hub if there is one, so that its state shows."""
    try:
        rows = control.ask(options.config, "/integrations")
    except control.NoHub:
        from hub.plugins.manager import Plugins  # noqa: PLC0415 - other commands start faster without it

        rows = [_row(extension) for extension in Plugins().all()]
    if options.json:
        print(json.dumps(rows))
        return 0
    width = max((len(row["name"]) for row in rows), default=4)
    for row in rows:
        reason = f": {row['reason']}" if row["reason"] else ""
        print(f"{row['name']:<{width}}  {row['version'] or '-':<8}  {row['status']}{reason}")
    return 0


def _row(extension: Any) -> dict[str, Any]:
    version = extension.manifest.version if extension.manifest else None
    return {"name": extension.name, "version": version, "status": extension.status, "reason": extension.reason}
