"""``hearth model list``: the models that are there."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from hub.cli import arguments
from hub.cli.model import shared as common

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth model list
  hearth model list --json | jq '.[] | select(.in_use)'"""
_COLUMNS = ("NAME", "WEIGHTS", "KIND", "CONTEXT", "SIZE", "")


def add_parser(actions: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the subcommand."""
    arguments.add(actions, shared, "list", "list the models that are there", EXAMPLES, show)


def show(options: argparse.Namespace) -> int:
    """Print every model with its size and kind; the one in use is marked."""
    from hub.inference.library.describing import described  # noqa: PLC0415 - other commands start faster without it

    used = common.in_use(options)
    rows = [described(model, in_use=model.path.resolve() == used) for model in common.store(options).list()]
    if options.json:
        print(json.dumps(rows))
        return 0
    table = [_COLUMNS, *map(_cells, rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(_COLUMNS))]
    for name, *cells in table:
        print(
            f"{name:<{widths[0]}}  {'  '.join(f'{cell:>{width}}' for cell, width in zip(cells, widths[1:], strict=True))}".rstrip()
        )
    return 0


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    if row["problem"]:
        return (row["name"], "-", "-", "-", common.size(row["size"]), row["problem"])
    weights = f"{row['parameters'] / 1e9:.2f} G" if row["parameters"] >= 1e9 else f"{row['parameters'] / 1e6:.1f} M"
    mark = "in use" if row["in_use"] else ""
    return (row["name"], weights, row["quantisation"], str(row["context"]), common.size(row["size"]), mark)
