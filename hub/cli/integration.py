"""``hearth integration``: what is installed and how it is, and a new one to begin with."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.cli import arguments, control

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth integration list
  hearth integration list --json | jq '.[] | select(.status == "broken")'
  hearth integration new my_sensor --title "My sensor"
  pip install --editable ./my_sensor && pytest ./my_sensor"""


def add_parser(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = arguments.add(commands, shared, "integration", "see what is installed, or begin a new one", EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    arguments.add(
        actions, shared, "list", "list the installed integrations with their status", EXAMPLES, list_integrations
    )
    new = arguments.add(
        actions, shared, "new", "make a package to begin an integration with", EXAMPLES, new_integration
    )
    new.add_argument("name", metavar="NAME", help="its name in hearth.yaml: small letters, digits, underscores")
    new.add_argument("--title", help="its name for people (NAME with spaces)")
    new.add_argument("--folder", metavar="DIR", type=Path, default=Path(), help="where to make its folder (here)")


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


def new_integration(options: argparse.Namespace) -> int:
    """Copy the template with its names replaced, and say what comes next."""
    from hub.cli.scaffold import scaffold  # noqa: PLC0415 - other commands start faster without it

    title = options.title or options.name.replace("_", " ").capitalize()
    files = scaffold(options.name, title, options.folder)
    folder = options.folder / options.name
    if options.json:
        print(json.dumps({"folder": str(folder), "files": [str(file) for file in files]}))
        return 0
    print(f"Made {folder} with {len(files)} files. What comes next:")
    print(f"  pip install --editable '{folder.absolute()}[testing]'   # in the hub's environment")
    print(f"  pytest {folder}")
    print(f"  hearth integration list   # shows it as {options.name}")
    return 0


def _row(extension: Any) -> dict[str, Any]:
    version = extension.manifest.version if extension.manifest else None
    return {"name": extension.name, "version": version, "status": extension.status, "reason": extension.reason}
