"""``hearth model remove``: delete a model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hub.cli import arguments
from hub.cli.model import shared as common
from hub.errors import Refused

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth model remove mine-f16"""


def add_parser(actions: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the subcommand."""
    parser = arguments.add(
        actions, shared, "remove", "delete a model; a file that was only linked to stays", EXAMPLES, remove
    )
    parser.add_argument("model", metavar="MODEL", help="its name")
    parser.add_argument("--force", action="store_true", help="even if it is in use")


def remove(options: argparse.Namespace) -> int:
    """Delete the files and the record."""
    store = common.store(options)
    model = store.get(options.model)
    if not model.is_built_in and not options.force and model.path.resolve() == common.in_use(options):
        raise Refused(
            f"Expected a model that is not in use, {model.name} is: choose another first with 'hearth model use' or in {options.config / 'hearth.yaml'}, or give --force"
        )
    freed = model.size
    store.remove(model.name)
    return common.report(
        options, {"removed": model.name, "size": freed}, f"{model.name} is removed, {common.size(freed)}"
    )
